package io.postbrake.replay;

import io.postbrake.postfixlog.LineEnd;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

/**
 * Lines of a stream without copying them: after {@link #next()} the line is {@code length} bytes of {@code buffer} from
 * {@code start}. A line longer than the buffer is cut, and the rest of it skipped.
 */
final class LineReader implements Closeable {
    private static final int SIZE = 1 << 17;

    final byte[] buffer = new byte[SIZE];
    int start;
    int length;
    /** Bytes of the stream before the line. */
    long position;

    private final InputStream in;
    private int at;
    private int end;
    private long before;
    private boolean ended;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** Goes to the next line; false when there is none. */
    boolean next() throws IOException {
        int scan = at;
        while (true) {
            int feed = LineEnd.find(buffer, scan, end);
            if (feed >= 0) {
                line(feed);
                at = feed + 1;
                return true;
            }
            if (end - at == SIZE) {
                line(end);
                at = end;
                skipRest();
                return true;
            }
            int scanned = end - at;
            if (!fill()) {
                boolean last = end > at;
                line(end);
                at = end;
                return last;
            }
            scan = at + scanned;
        }
    }

    /** Calls back for each line at the stream's beginning, as far as memory holds it, until one is taken. */
    void beginning(Predicate<LineReader> taken) throws IOException {
        while (end < SIZE && fill()) {
            // as much as there is room for
        }
        boolean found = false;
        int from = 0;
        for (int i = 0; i < end && !found; i++) {
            if (buffer[i] == '\n' || i == end - 1) {
                start = from;
                length = i - from + (buffer[i] == '\n' ? 0 : 1);
                from = i + 1;
                found = taken.test(this);
            }
        }
    }

    private void line(int to) {
        start = at;
        length = to - at;
        position = before + at;
    }

    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (at > 0 && end == SIZE) {
            System.arraycopy(buffer, at, buffer, 0, end - at);
            before += at;
            end -= at;
            at = 0;
        }
        int n = in.read(buffer, end, SIZE - end);
        if (n < 0) {
            ended = true;
            return false;
        }
        end += n;
        return true;
    }

    private void skipRest() throws IOException {
        while (true) {
            before += end;
            at = 0;
            end = 0;
            if (!fill()) {
                return;
            }
            for (int i = 0; i < end; i++) {
                if (buffer[i] == '\n') {
                    at = i + 1;
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
