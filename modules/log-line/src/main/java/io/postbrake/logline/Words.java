package io.postbrake.logline;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Gives the same string for the same bytes while they keep coming: host names, daemons, statuses. A fixed table of short
 * strings in which the newest word of a slot stays, so foreign text can slow it down but never make it grow.
 */
final class Words {
    private static final int SLOTS = 1 << 11;
    private static final int LONGEST = 80;

    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final String[] words = new String[SLOTS];
    /** The bytes of each slot's word, side by side. */
    private final byte[] bytes = new byte[SLOTS * LONGEST];

    private final byte[] lengths = new byte[SLOTS];

    String of(byte[] b, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return "";
        }
        if (length > LONGEST) {
            return new String(b, from, length, StandardCharsets.UTF_8);
        }
        int slot = slot(b, from, to);
        int at = slot * LONGEST;
        if (lengths[slot] != length || !Arrays.equals(bytes, at, at + length, b, from, to)) {
            words[slot] = new String(b, from, length, StandardCharsets.UTF_8);
            lengths[slot] = (byte) length;
            System.arraycopy(b, from, bytes, at, length);
        }
        return words[slot];
    }

    private static int slot(byte[] b, int from, int to) {
        long hash = (long) to - from;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            hash = (hash ^ (long) Line.EIGHT.get(b, i)) * FACTOR;
            hash ^= hash >>> 32;
        }
        for (; i < to; i++) {
            hash = hash * 31 + b[i];
        }
        hash *= FACTOR;
        return (int) (hash >>> 53);
    }
}
