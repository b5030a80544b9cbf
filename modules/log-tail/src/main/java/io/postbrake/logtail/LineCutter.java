package io.postbrake.logtail;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Cuts the text of one file into lines, from where it was read to; a line that is too long is cut, and counted whole. */
final class LineCutter {

    private static final int LEAST_READ = 1 << 16;

    private final int maxLine;

    /** Beginning of a line that is too long to be kept whole, and how much of it was passed over. */
    private byte[] cut;

    private long passed;

    LineCutter(int maxLine) {
        this.maxLine = maxLine;
    }

    /** Forgets a line that was begun: it will be read from its beginning. */
    void forget() {
        cut = null;
        passed = 0;
    }

    /** Reads whole lines until the budget is spent; true when the text has no further one. */
    boolean read(LogText text, ReadState state, List<LogLine> into, ReadBudget budget, byte[] buffer)
            throws IOException {
        int want = LEAST_READ;
        while (budget.left()) {
            int n = text.read(buffer, want, state.offset + passed);
            if (n <= 0) {
                return true;
            }
            int begin = lines(state, into, budget, buffer, n);
            if (begin == 0 && budget.left()) {
                if (cut != null || n >= maxLine) {
                    passOver(buffer, n);
                } else if (n < want) {
                    return true;
                } else {
                    want = buffer.length;
                }
            }
        }
        return false;
    }

    /** Takes whole lines from the buffer; returns where the rest begins. */
    private int lines(ReadState state, List<LogLine> into, ReadBudget budget, byte[] buffer, int n) {
        int begin = 0;
        for (int i = 0; i < n && budget.left(); i++) {
            if (buffer[i] == '\n') {
                emit(state, into, budget, buffer, begin, i, 1);
                begin = i + 1;
            }
        }
        return begin;
    }

    private void emit(
            ReadState state, List<LogLine> into, ReadBudget budget, byte[] buffer, int begin, int end, int lineEnd) {
        long length = passed + end - begin;
        byte[] bytes = cut != null ? cut : Arrays.copyOfRange(buffer, begin, Math.min(end, begin + maxLine));
        int tail = cut == null && lineEnd == 1 ? Fingerprint.tail(buffer, begin, end) : Fingerprint.UNKNOWN_TAIL;
        var next = new Position(state.sourceId, state.generation, state.offset + length + lineEnd);
        var line = new LogLine(bytes, state.position(), length, next, tail);
        into.add(line);
        state.read(line);
        budget.lines--;
        budget.bytes -= bytes.length + 1;
        forget();
    }

    private void passOver(byte[] buffer, int n) {
        if (cut == null) {
            cut = Arrays.copyOf(buffer, maxLine);
        }
        passed += n;
    }

    /** Takes what stands after the last whole line as a line of its own: nothing will be added to it. */
    void half(LogText text, ReadState state, List<LogLine> into, ReadBudget budget) throws IOException {
        byte[] buffer = new byte[maxLine];
        if (cut == null) {
            int n = text.readFully(buffer, maxLine, state.offset);
            if (n == 0) {
                return;
            }
            if (n < maxLine) {
                emit(state, into, budget, buffer, 0, n, 0);
                return;
            }
            passOver(buffer, n);
        }
        for (int n = text.read(buffer, maxLine, state.offset + passed); n > 0; ) {
            passed += n;
            n = text.read(buffer, maxLine, state.offset + passed);
        }
        emit(state, into, budget, buffer, 0, 0, 0);
    }
}
