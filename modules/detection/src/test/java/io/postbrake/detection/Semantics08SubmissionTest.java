package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A submission is an attempt at client= and accepted at the first queue active or hold; outcomes are records of their own. */
class Semantics08SubmissionTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();

    @Test
    void attemptAcceptanceAndOutcomesAreRecordsOfTheAccount() {
        world.receives(client("A"));
        world.receives(world.event("queued", T.plusSeconds(1)).setQueueId("A").setNrcpt(2L));
        world.receives(delivery("A", "a@example.org", "sent"));
        world.receives(delivery("A", "b@example.org", "deferred"));
        world.receives(world.event("queued", T.plusSeconds(900)).setQueueId("A").setNrcpt(1L));
        world.receives(delivery("A", "b@example.org", "sent"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "OUTCOME", "OUTCOME", "OUTCOME");
        assertThat(world.submissions)
                .allSatisfy(s -> assertThat(SubjectKeys.of(s)).contains("sasl_user:ann"));
        assertThat(world.stateOf("ann").getMessages()).isEqualTo(1);
    }

    @Test
    void aHoldAtTheFirstRecipientIsOneAttemptAndOneAcceptedMessage() {
        world.receives(hold("0a1b2c3d"));
        world.receives(client("A"));
        world.receives(world.event("held", T).setQueueId("A").setBlockRef("0a1b2c3d"));
        world.receives(hold("0a1b2c3d"));
        world.receives(client("B"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "ATTEMPT", "ACCEPTED");
        assertThat(world.submissions).extracting(Submission::getQueueId).containsExactly(null, "A", null, "B");
        assertThat(world.submissions).extracting(Submission::getBlockRef).containsOnly("0a1b2c3d");
    }

    @Test
    void aHoldWithoutALoggedLoginIsTheAttemptOfTheClientLineThatFollows() {
        world.receives(hold(null).setSaslUsername(null));
        world.receives(client("A"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED");
        assertThat(world.submissions).extracting(Submission::getAccount).containsOnly("ann");
    }

    @Test
    void aHoldInAnotherProcessOrAnEarlierSessionIsNotThisMessages() {
        world.receives(hold("0a1b2c3d").setPid(7L));
        world.receives(client("A"));
        world.receives(hold("0a1b2c3d"));
        world.receives(world.event("disconnect", T).setService("smtpd").setPid(8L));
        world.receives(client("B"));

        assertThat(phases()).containsExactly("ATTEMPT", "ATTEMPT", "ATTEMPT", "ATTEMPT");
    }

    @Test
    void noBlockIsLiftedForQuietWhileRefusedOrHeldAttemptsGoOn() {
        for (int i = 0; i < 30; i++) {
            world.sends("ann", World.HOME, T.minusSeconds(86_400L * (1 + i % 6) + 900L * i));
        }
        for (int i = 0; i < 60; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(i));
        }
        Block block = world.blockOf("ann");
        Instant at = T.plusSeconds(60);
        for (int hour = 0; hour < 30; hour++) {
            at = at.plus(Duration.ofMinutes(50));
            if (hour % 2 == 0) {
                world.refuses("ann", World.BRAZIL, at, "mx1", block.getReference());
            } else {
                world.receives(hold(block.getReference()).setOccurredAt(at).setReadAt(at));
            }
            world.tick("sasl_user:ann", at.plusSeconds(1));
        }

        assertThat(world.blockOf("ann").getBlockId()).isEqualTo(block.getBlockId());
        assertThat(world.blockOf("ann").getEndsAt()).isAfter(at);
        assertThat(world.alertStates()).doesNotContain("RESOLVED");
    }

    @Test
    void withoutHeloAndSubjectNothingIsMissing() {
        world.receives(client("A").setHelo(null));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(world.submissions).hasSize(2).allMatch(s -> s.getHelo() == null);
    }

    private MailEvent.Builder client(String queueId) {
        return world.event("client", T)
                .setService("smtpd")
                .setPid(8L)
                .setQueueId(queueId)
                .setClientIp(World.BRAZIL)
                .setSaslUsername("Ann");
    }

    private MailEvent.Builder hold(String reference) {
        return world.event("held", T)
                .setService("smtpd")
                .setPid(8L)
                .setStage("RCPT")
                .setClientIp(World.BRAZIL)
                .setSaslUsername("Ann")
                .setBlockRef(reference);
    }

    private MailEvent.Builder delivery(String queueId, String to, String status) {
        return world.event("delivery", T.plusSeconds(2))
                .setQueueId(queueId)
                .setTo(to)
                .setStatus(status);
    }

    private List<String> phases() {
        return world.submissions.stream().map(Submission::getPhase).toList();
    }
}
