package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.finding.Finding;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A block grows with what goes on under it, and with its repetition; an owner's usual mail does not make it grow. */
class EscalationTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String KEY = SubjectKeys.account("ann");

    private final World world = new World();
    private int queue;

    @Test
    void aThiefWhoseMailIsHeldEscalatesToReject() {
        suspected(0.55, T);
        assertThat(world.blockOf("ann").getAction()).isEqualTo("hold");

        for (int i = 0; i < 60; i++) {
            held(T.plusSeconds(10 + 6L * i));
        }

        assertThat(world.puts).extracting(Block::getAction).startsWith("hold").contains("reject");
        assertThat(world.blockOf("ann").getAction()).isEqualTo("reject");
        assertThat(world.puts)
                .extracting(Block::getBlockId)
                .containsOnly(world.blockOf("ann").getBlockId());
    }

    @Test
    void slowPersistenceBelowEveryCeilingEscalatesToo() {
        suspected(0.55, T);

        for (int i = 0; i < 70; i++) {
            held(T.plusSeconds(150L * i));
        }

        assertThat(world.findingsOf("velocity-ceiling")).isEmpty();
        assertThat(world.blockOf("ann").getAction()).isEqualTo("reject");
    }

    @Test
    void anOwnerWhoGoesOnAsUsualStaysOnHoldAndIsReleased() {
        for (int day = 10; day >= 1; day--) {
            for (int i = 0; i < 8; i++) {
                world.sends("ann", World.HOME, T.minusSeconds(day * 86_400L - 1800L * i));
            }
        }
        suspected(0.55, T);

        held(T.plusSeconds(1200));
        held(T.plusSeconds(3000));
        world.tick(KEY, T.plusSeconds(3600));

        assertThat(world.puts).extracting(Block::getAction).containsOnly("hold");
        assertThat(world.blockOf("ann"))
                .as("what goes on as usual does not prolong it")
                .isNull();
    }

    @Test
    void aProgramThatRetriesDeferredMailIsNotPersistent() {
        suspected(0.85, T);
        assertThat(world.blockOf("ann").getAction()).isEqualTo("defer");

        for (int i = 0; i < 130; i++) {
            refused(T.plusSeconds(300L * i), "customer" + i % 8 + "@example.org", 450);
        }

        assertThat(world.puts).extracting(Block::getAction).containsOnly("defer");
    }

    @Test
    void aThiefWhoIsDeferredAndGoesDownTheListEscalates() {
        suspected(0.85, T);

        for (int i = 0; i < 60; i++) {
            refused(T.plusSeconds(6L * i), "victim" + i + "@example.org", 450);
        }

        assertThat(world.blockOf("ann").getAction()).isEqualTo("reject");
    }

    @Test
    void theRecipientsOfOneRefusedMessageAreOneAttempt() {
        suspected(0.85, T);

        for (int i = 0; i < 100; i++) {
            refused(T.plusMillis(60_000 + 5L * i), "friend" + i + "@example.org", 450);
        }

        assertThat(world.blockOf("ann").getAction()).isEqualTo("defer");
    }

    @Test
    void eachRepeatedBlockLastsTwiceAsLongUntilAnOperatorSaysOtherwise() {
        Duration first = suspected(0.55, T);
        Instant second = T.plus(first).plus(Duration.ofHours(25));
        world.tick(KEY, second.minusSeconds(1));

        Duration again = suspected(0.55, second);
        world.says("unblock", "ann", second.plusSeconds(60), null);
        Duration afterUnblock = suspected(0.55, second.plusSeconds(120));

        assertThat(first).isEqualTo(Duration.ofHours(1));
        assertThat(again).isEqualTo(Duration.ofHours(2));
        assertThat(afterUnblock).isEqualTo(Duration.ofHours(1));
    }

    private Duration suspected(double score, Instant at) {
        world.tell(
                KEY,
                new Input.ForeignFinding(Finding.newBuilder()
                        .setFindingId(StableIds.of("test", at))
                        .setSubject("ann")
                        .setSubjectType("sasl_user")
                        .setDetector("test")
                        .setScore(score)
                        .setObserveOnly(false)
                        .setTitle("Suspicion")
                        .setOccurredAt(at)
                        .build()));
        Block block = world.blockOf("ann");
        return Duration.between(block.getDecidedAt(), block.getEndsAt());
    }

    /** As Postfix logs a message on hold: the hold, the client, nothing more. */
    private void held(Instant at) {
        String reference = world.blockOf("ann").getReference();
        world.receives(session("held", at).setBlockRef(reference));
        world.receives(session("client", at).setQueueId("H" + ++queue));
    }

    private void refused(Instant at, String to, long code) {
        world.receives(session("rejected", at)
                .setTo(to)
                .setReplyCode(code)
                .setBlockRef(world.blockOf("ann").getReference()));
    }

    private MailEvent.Builder session(String kind, Instant at) {
        return world.event(kind, at)
                .setService("smtpd")
                .setPid(8L)
                .setClientIp(World.HOME)
                .setSaslUsername("Ann");
    }
}
