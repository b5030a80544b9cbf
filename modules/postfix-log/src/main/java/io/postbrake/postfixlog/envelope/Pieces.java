package io.postbrake.postfixlog.envelope;

import java.util.Arrays;

/** A line that comes in several pieces. What goes beyond the longest line is dropped. */
final class Pieces {
    private static final int LONGEST = 1 << 16;

    private byte[] bytes = new byte[16];
    private int length;

    boolean isEmpty() {
        return length == 0;
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    void clear() {
        length = 0;
    }

    void add(byte[] from, int begin, int end) {
        int more = Math.min(end - begin, LONGEST - length);
        if (more <= 0) {
            return;
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(LONGEST, Math.max(length + more, bytes.length * 2)));
        }
        System.arraycopy(from, begin, bytes, length, more);
        length += more;
    }

    void add(int c) {
        if (length < LONGEST) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, bytes.length * 2);
            }
            bytes[length++] = (byte) c;
        }
    }

    /** Gives the line all that there is, and begins anew. */
    void into(Wrapped line) {
        line.b = bytes;
        line.at = 0;
        line.end = length;
        line.joined = true;
        length = 0;
    }
}
