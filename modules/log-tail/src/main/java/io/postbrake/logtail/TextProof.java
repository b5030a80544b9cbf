package io.postbrake.logtail;

import java.io.IOException;
import java.util.Arrays;

/** What shows that a text is still the one that was read: its beginning, and the line before the place that was reached. */
final class TextProof {

    private byte[] head = new byte[0];

    /** Reads the beginning of the text, and remembers it; returns how the text is named by it, null while it cannot be. */
    String begin(LogText text, TailedFile.Naming naming, boolean ended) throws IOException {
        byte[] bytes = new byte[Fingerprint.HEAD];
        int n = text.readFully(bytes, bytes.length, 0);
        String source = naming.of(bytes, n);
        if (source == null && n > 0 && ended) {
            bytes[n] = '\n';
            source = naming.of(bytes, n + 1);
        }
        head = Arrays.copyOf(bytes, n);
        return source;
    }

    void forget() {
        head = new byte[0];
    }

    /** Whether the text begins as it did and was read as far as {@code state} says. */
    boolean holds(LogText text, ReadState state) throws IOException {
        byte[] now = new byte[head.length];
        return text.readFully(now, now.length, 0) == now.length && Arrays.equals(now, head) && tailMatches(text, state);
    }

    /** Whether the line before the place that was reached is the one that was read there. */
    static boolean tailMatches(LogText text, ReadState known) throws IOException {
        if (known.tail == Fingerprint.UNKNOWN_TAIL || known.offset == 0) {
            return true;
        }
        int length = (int) Math.min(known.offset, Fingerprint.TAIL + 1);
        byte[] before = new byte[length];
        return text.readFully(before, length, known.offset - length) == length
                && Fingerprint.tailBefore(before, length) == known.tail;
    }

    /** Whether two texts, of which the first has {@code length} bytes, have the same there before their end. */
    static boolean sameEnd(LogText first, LogText other, long length) throws IOException {
        int n = (int) Math.min(length, Fingerprint.HEAD);
        byte[] a = new byte[n];
        byte[] b = new byte[n];
        return first.readFully(a, n, length - n) == n && other.readFully(b, n, length - n) == n && Arrays.equals(a, b);
    }
}
