package io.postbrake.detection.subject;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Name-based ids (RFC 9562, version 3), as {@link UUID#nameUUIDFromBytes} makes them, with one digest a thread. */
public final class StableIds {
    private static final ThreadLocal<StableIds> OWN = ThreadLocal.withInitial(StableIds::new);
    private static final long VERSION_3 = 0x3000;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final StringBuilder text = new StringBuilder(160);
    private final MessageDigest md5;

    private StableIds() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has MD5", e);
        }
    }

    /** The id of these parts in this order; each ends with a NUL, which none of them holds. */
    public static UUID of(@Nullable Object... parts) {
        return OWN.get().id(parts);
    }

    private UUID id(@Nullable Object... parts) {
        text.setLength(0);
        for (Object part : parts) {
            text.append(part).append('\u0000');
        }
        var digest = ByteBuffer.wrap(md5.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        long high = (digest.getLong() & ~0xF000L) | VERSION_3;
        long low = (digest.getLong() & ~0xC000_0000_0000_0000L) | VARIANT;
        return new UUID(high, low);
    }
}
