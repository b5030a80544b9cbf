package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForceTest {

    private static final Instant DECIDED = Instant.parse("2026-05-09T20:12:57Z");

    @Test
    void aBlockThatNobodySpokeOfIsInForceUntilItsEnd() {
        assertThat(Force.of(block(), null, DECIDED.plusSeconds(3599)).inForce()).isTrue();
        assertThat(Force.of(block(), null, DECIDED.plusSeconds(3600)).said()).isEqualTo("it ended");
    }

    @ParameterizedTest
    @CsvSource({
        "unblock, 10, , false",
        "unblock, -10, , true",
        "unblock, 10, 20, false", // Spent is spent.
        "allow, -10, 100, false",
        "allow, 10, 20, false",
        "allow, -10, 20, true",
        "block, 10, , true"
    })
    void whatAnOperatorSaidCountsBeforeTheDetectorFollows(
            String verb, int saidAfterSeconds, Integer endsAfterSeconds, boolean inForce) {
        OperatorOverride word = OperatorOverride.newBuilder()
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("anna")
                .setReason("test")
                .setAt(DECIDED.plusSeconds(saidAfterSeconds))
                .setEndsAt(endsAfterSeconds == null ? null : DECIDED.plusSeconds(endsAfterSeconds))
                .build();

        Force force = Force.of(block(), word, DECIDED.plusSeconds(60));

        assertThat(force.inForce()).isEqualTo(inForce);
        assertThat(force.said()).isEqualTo(inForce ? "" : verb + " by anna");
    }

    private static Block block() {
        return Block.newBuilder()
                .setBlockId(new UUID(0, 1))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setReference("53cc05e4")
                .setAction("reject")
                .setReason("50 messages in an hour reach the ceiling of 50")
                .setScore(0.9)
                .setIncidentId(new UUID(0, 2))
                .setDecidedAt(DECIDED)
                .setLastEvidenceAt(DECIDED)
                .setEndsAt(DECIDED.plusSeconds(3600))
                .build();
    }
}
