package io.postbrake.wire;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/**
 * What refusals by an operator's block carry in their text ({@code [pb:op-1f0c9ab2]}). It follows from the record, so that
 * whoever reads the record knows it, and differs with each block: a line in a log is of one block and no other.
 */
public final class OperatorReference {

    private static final String PREFIX = "op-";
    private static final int DIGITS = 8;

    private OperatorReference() {}

    /**
     * The reference of a block that was said of {@code subject} at {@code at}.
     *
     * @param subjectKey as records are keyed: sasl_user:, client_ip: or client_net: and the subject
     */
    public static String of(String subjectKey, Instant at) {
        byte[] bytes = (subjectKey + '\0' + at.toEpochMilli()).getBytes(StandardCharsets.UTF_8);
        return PREFIX + UUID.nameUUIDFromBytes(bytes).toString().substring(0, DIGITS);
    }
}
