package io.postbrake.logtail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** How a log's text is known again whatever its file is called, wherever it lies on the disk, compressed or not. */
public final class Fingerprint {

    /** So much of the first line identifies a text. */
    static final int HEAD = 1024;
    /** So much of the last line that was read confirms a position. */
    static final int TAIL = 32;
    /** Says nothing about the text before a position. */
    static final int UNKNOWN_TAIL = 0;

    private Fingerprint() {}

    /**
     * Identity of the text that begins with the first {@code length} bytes of {@code head}: null until its first line is whole.
     * It depends on that line alone, so that it is the same when everything is read again.
     */
    static String source(Path log, byte[] head, int length) {
        int end = lineEnd(head, length);
        if (end == length && length < HEAD) {
            return null;
        }
        MessageDigest digest = sha256();
        digest.update(log.toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(head, 0, end);
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    private static int lineEnd(byte[] bytes, int length) {
        int end = 0;
        while (end < length && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    /** Check value of the end of the line that stands at {@code from} up to {@code to}, its line end left out. */
    static int tail(byte[] bytes, int from, int to) {
        int hash = 1;
        for (int i = Math.max(from, to - TAIL); i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash == UNKNOWN_TAIL ? 1 : hash;
    }

    /** The same from the last {@code length} bytes before a position; they must end in a line end, else it is unknown. */
    static int tailBefore(byte[] bytes, int length) {
        int to = length - 1;
        if (to < 0 || bytes[to] != '\n') {
            return UNKNOWN_TAIL;
        }
        int from = to;
        while (from > 0 && to - from < TAIL && bytes[from - 1] != '\n') {
            from--;
        }
        return tail(bytes, from, to);
    }

    /** Hash of a text, in hex. */
    public static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** Name of the state files of a log. */
    public static String name(Path log) {
        byte[] hash = sha256().digest(log.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(hash, 6));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
