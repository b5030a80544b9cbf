package io.postbrake.policysink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Keys and values as Postfix's own maps have them: ending in NUL. Behind a value's NUL stands when the entry ends, in
 * decimal milliseconds and with a NUL of its own. Postfix stops at the first one; after a restart we know the ends even
 * before the cluster can be asked.
 */
final class MapBytes {

    private final ByteBuffer key = ByteBuffer.allocateDirect(512);
    private final ByteBuffer value = ByteBuffer.allocateDirect(1024);

    /** The bytes of a key; valid until the next call. */
    ByteBuffer key(String text) {
        key.clear();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // Longer ones than LMDB's 511 bytes are nobody's; asking for one finds nothing.
        int length = Math.min(bytes.length, 510);
        return key.put(bytes, 0, length).put((byte) 0).flip();
    }

    /** The bytes of a value; valid until the next call. */
    ByteBuffer value(Entry entry) {
        value.clear();
        value.put(entry.reply().getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        if (entry.endsAt() != Entry.NEVER) {
            value.put(Long.toString(entry.endsAt()).getBytes(StandardCharsets.US_ASCII))
                    .put((byte) 0);
        }
        return value.flip();
    }

    static Entry entry(ByteBuffer value) {
        byte[] bytes = bytes(value);
        int end = nul(bytes, 0);
        String reply = new String(bytes, 0, end, StandardCharsets.UTF_8);
        int from = Math.min(end + 1, bytes.length);
        return new Entry(reply, millis(new String(bytes, from, nul(bytes, from) - from, StandardCharsets.US_ASCII)));
    }

    static String text(ByteBuffer buffer) {
        byte[] bytes = bytes(buffer);
        return new String(bytes, 0, nul(bytes, 0), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static int nul(byte[] bytes, int from) {
        int i = from;
        while (i < bytes.length && bytes[i] != 0) {
            i++;
        }
        return i;
    }

    private static long millis(String text) {
        boolean number = !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(text) : Entry.NEVER;
    }
}
