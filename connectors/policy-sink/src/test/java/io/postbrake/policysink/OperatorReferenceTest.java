package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.wire.OperatorReference;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each block of an operator has a reference of its own, which fits into a reply of Postfix. */
class OperatorReferenceTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void anotherSubjectOrAnotherMomentIsAnotherReference() {
        Set<String> references = Set.of(
                OperatorReference.of("sasl_user:ann@example.org", NOON),
                OperatorReference.of("sasl_user:ben@example.org", NOON),
                OperatorReference.of("client_ip:192.0.2.9", NOON),
                OperatorReference.of("sasl_user:ann@example.org", NOON.plusMillis(1)));

        assertThat(references).hasSize(4).allMatch(r -> r.matches("op-[0-9a-f]{8}"));
    }
}
