package io.postbrake.logtail;

import java.io.IOException;

/** Finds where lines begin in a text, without reading what they say. */
final class LineStarts {

    private static final int PIECE = 1 << 16;

    private LineStarts() {}

    /** Whether a line begins at this offset, or may begin there. */
    static boolean isOne(LogText text, long offset) throws IOException {
        byte[] before = new byte[1];
        return offset == 0 || (text.readFully(before, 1, offset - 1) == 1 && before[0] == '\n');
    }

    /** Where the first line begins behind {@code from}; -1 when none does. */
    static long next(LogText text, long from) throws IOException {
        byte[] buffer = new byte[PIECE];
        long at = from;
        for (int n = text.read(buffer, buffer.length, at); n > 0; n = text.read(buffer, buffer.length, at)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] == '\n') {
                    return at + i + 1;
                }
            }
            at += n;
        }
        return -1;
    }

    /**
     * Behind the last whole line of a text.
     *
     * @param offset where a further line would begin
     * @param tail check value of what stands before, see {@link Fingerprint}
     */
    record Last(long offset, int tail) {}

    /** Behind the last whole line that ends between {@code from} and {@code to}; null when none does. */
    static Last last(LogText text, long from, long to) throws IOException {
        byte[] buffer = new byte[PIECE];
        long end = to;
        while (end > from) {
            int length = (int) Math.min(buffer.length, end - from);
            int n = text.readFully(buffer, length, end - length);
            while (n > 0 && buffer[n - 1] != '\n') {
                n--;
            }
            if (n > 0) {
                int tail = n > Fingerprint.TAIL ? Fingerprint.tailBefore(buffer, n) : Fingerprint.UNKNOWN_TAIL;
                return new Last(end - length + n, tail);
            }
            end -= length;
        }
        return null;
    }
}
