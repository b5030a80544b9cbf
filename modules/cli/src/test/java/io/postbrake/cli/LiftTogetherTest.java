package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LiftTogetherTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final Instant NOW = T.plusSeconds(900);

    private final Map<String, Block> blocks = new TreeMap<>();
    private final Map<String, Alert> alerts = new TreeMap<>();
    private final Map<String, OperatorOverride> words = new TreeMap<>();

    @Test
    void whatOneDetectorBlockedSinceThenIsLiftedTheFirstFirst() {
        blocked("late", T.plusSeconds(60), "impossible-travel", "new-country");
        blocked("early", T, "impossible-travel");
        blocked("before", T.minusMillis(1), "impossible-travel");
        blocked("other", T.plusSeconds(5), "velocity-ceiling");

        List<Block> lifted = new LiftTogether(T, "impossible-travel").of(blocks, alerts, words, NOW);

        assertThat(lifted).extracting(Block::getSubject).containsExactly("early", "late");
    }

    @Test
    void withoutADetectorAllSinceThenAreLifted() {
        blocked("ann", T.plusSeconds(60), "impossible-travel");
        blocked("ben", T.plusSeconds(5), "velocity-ceiling");

        List<Block> lifted = new LiftTogether(T, null).of(blocks, alerts, words, NOW);

        assertThat(lifted).extracting(Block::getSubject).containsExactly("ben", "ann");
    }

    @Test
    void whatHasEndedOrWasLiftedAlreadyIsLeftAlone() {
        blocked("over", T, "new-country").setEndsAt(NOW);
        blocked("lifted", T, "new-country");
        blocked("again", T, "new-country").setLastEvidenceAt(T.plusSeconds(400));
        words.put("sasl_user:lifted", unblock("lifted", T.plusSeconds(300)));
        words.put("sasl_user:again", unblock("again", T.plusSeconds(300)));

        List<Block> lifted = new LiftTogether(T, "new-country").of(blocks, alerts, words, NOW);

        assertThat(lifted).extracting(Block::getSubject).containsExactly("again");
    }

    @Test
    void aDetectorThatIsNoneIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> new LiftTogether(T, "new-county"))
                .hasMessageContaining("--detector is 'new-county'")
                .hasMessageContaining("new-country")
                .hasMessageContaining("shared-network");
    }

    @Test
    void textOfALogCannotMoveTheCursor() {
        Block block = blocked("ann", T, "new-country");
        block.setReason("Mail from \u001b[2Jnowhere");

        assertThat(LiftTogether.line(block)).contains("ann").doesNotContain("\u001b");
    }

    private Block blocked(String login, Instant at, String... detectors) {
        Block block = Block.newBuilder()
                .setBlockId(UUID.randomUUID())
                .setSubject(login)
                .setSubjectType("sasl_user")
                .setReference("0a1b2c3d")
                .setAction("reject")
                .setReason("A rule that went wrong")
                .setScore(0.95)
                .setIncidentId(UUID.randomUUID())
                .setDecidedAt(at)
                .setLastEvidenceAt(at)
                .setEndsAt(at.plusSeconds(86_400))
                .build();
        blocks.put("sasl_user:" + login, block);
        alerts.put(
                block.getIncidentId().toString(),
                Alert.newBuilder()
                        .setIncidentId(block.getIncidentId())
                        .setSubject(login)
                        .setSubjectType("sasl_user")
                        .setState("FIRING")
                        .setSeverity("critical")
                        .setTitle("")
                        .setDescription("")
                        .setScore(0.95)
                        .setDetectors(List.of(detectors))
                        .setStartedAt(at)
                        .setUpdatedAt(at)
                        .setAction("reject")
                        .build());
        return block;
    }

    private static OperatorOverride unblock(String login, Instant at) {
        return new OperatorOverride(login, "sasl_user", "unblock", null, "anna", "it was her", at, null);
    }
}
