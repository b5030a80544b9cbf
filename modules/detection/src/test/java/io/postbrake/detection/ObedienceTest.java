package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Mail that a host accepts under a block proves that it does not ask its table; mail of before, and held mail, proves nothing. */
class ObedienceTest {
    private static final String ANN = "ann@example.com";
    private static final Instant NOON = Instant.parse("2026-03-20T12:00:00Z");

    private final World world = new World();
    private int messages;

    @Test
    void mailOfABlockedAccountThatIsAcceptedNamesHostAndService() {
        blocked();

        accepted("mx1", NOON.plusSeconds(11), NOON.plusSeconds(12), null);

        assertThat(world.disobeyed).singleElement().satisfies(proof -> {
            assertThat(proof.hostId()).isEqualTo("mx1");
            assertThat(proof.service()).isEqualTo("postfix/submission/smtpd");
            assertThat(proof.since()).isEqualTo(NOON);
        });
    }

    @Test
    void soDoesMailThatIsAcceptedUnderTheDetectorsBlock() {
        int sent = 0;
        while (world.blockOf(ANN) == null && sent < 100) {
            world.sends(ANN, World.BRAZIL, NOON.plusSeconds(6L * sent++));
        }
        Instant blockedAt = world.blockOf(ANN).getDecidedAt();
        assertThat(world.disobeyed).isEmpty();

        accepted("mx1", blockedAt.plusSeconds(11), blockedAt.plusSeconds(12), null);

        assertThat(world.disobeyed).hasSize(1);
    }

    @Test
    void aLargeMessageThatWasBegunBeforeTheBlockProvesNothing() {
        blocked();

        accepted("mx1", NOON.plusSeconds(9), NOON.plusSeconds(600), null);

        assertThat(world.disobeyed).isEmpty();
    }

    @Test
    void neitherDoesMailThatIsHeldNorMailAfterTheBlock() {
        blocked();
        accepted("mx1", NOON.plusSeconds(30), NOON.plusSeconds(31), "operator");
        world.says("unblock", ANN, NOON.plusSeconds(60), null);
        accepted("mx1", NOON.plusSeconds(90), NOON.plusSeconds(91), null);

        assertThat(world.disobeyed).isEmpty();
    }

    @Test
    void neitherDoesMailOfOthersOrOfOneWhoIsAllowed() {
        blocked();
        world.says("allow", "bob@example.com", NOON, null);
        String id = "M" + ++messages;
        world.receives(world.event("client", NOON.plusSeconds(60))
                .setQueueId(id)
                .setClientIp(World.HOME)
                .setSaslUsername("bob@example.com"));
        world.receives(
                world.event("queued", NOON.plusSeconds(61)).setQueueId(id).setNrcpt(1L));

        assertThat(world.disobeyed).isEmpty();
    }

    @Test
    void whatIsOlderThanCanBeActedOnProvesNothing() {
        blocked();
        String key = SubjectKeys.account(ANN);
        world.tell(key, new Input.Tick(NOON.plusSeconds(3 * 3600)));

        accepted("mx1", NOON.plusSeconds(30), NOON.plusSeconds(31), null);

        assertThat(world.disobeyed).isEmpty();
    }

    private void blocked() {
        world.tell(
                SubjectKeys.account(ANN),
                new Input.Overridden(new OperatorOverride(
                        ANN, "sasl_user", "block", "reject", "ben", "complaints", NOON, NOON.plusSeconds(86_400))));
    }

    private void accepted(String host, Instant begun, Instant accepted, String reference) {
        String id = "M" + ++messages;
        world.receives(world.event("client", begun)
                .setHostId(host)
                .setSyslogName("postfix/submission/smtpd")
                .setQueueId(id)
                .setClientIp(World.HOME)
                .setSaslUsername(ANN));
        world.receives(world.event(reference == null ? "queued" : "held", accepted)
                .setHostId(host)
                .setQueueId(id)
                .setBlockRef(reference)
                .setNrcpt(1L));
    }
}
