package io.postbrake.postfixlog;

import java.nio.charset.StandardCharsets;

/**
 * Gives the same string for the same bytes while they keep coming: host names, daemons, statuses. A fixed table of short
 * strings in which the newest word of a slot stays, so foreign text can slow it down but never make it grow.
 */
final class Words {
    private static final int SLOTS = 1 << 11;
    private static final int LONGEST = 80;

    private final String[] words = new String[SLOTS];

    String of(byte[] b, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return "";
        }
        if (length > LONGEST) {
            return new String(b, from, length, StandardCharsets.UTF_8);
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + b[i];
        }
        int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
        String word = words[slot];
        if (word != null && word.length() == length && same(word, b, from)) {
            return word;
        }
        word = new String(b, from, length, StandardCharsets.UTF_8);
        words[slot] = word;
        return word;
    }

    /** Only a string of plain ASCII can be the same, so a decoded one is never taken for other bytes. */
    private static boolean same(String word, byte[] b, int from) {
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) != b[from + i]) {
                return false;
            }
        }
        return true;
    }
}
