package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Mail without a login has an owner, too: it is told of, and nothing is blocked unless somebody chose so. */
class WithoutLoginTest {
    private static final Instant NIGHT = Instant.parse("2026-03-20T03:00:00Z");
    private static final int DAY = 86_400;

    private World world = new World();
    private int messages;

    @Test
    void aWebFormThatIsAbusedIsOneIncidentOfItsLocalUser() {
        for (int day = 13; day >= 1; day--) {
            submits("mx1", 33, NIGHT.minusSeconds((long) day * DAY).plusSeconds(6 * 3600));
        }
        assertThat(world.alerts).isEmpty();

        for (int i = 0; i < 300; i++) {
            submits("mx1", 33, NIGHT.plusSeconds(2L * i));
        }

        assertThat(world.alertStates().stream().filter("FIRING"::equals)).hasSize(1);
        assertThat(world.alerts.get(0)).satisfies(alert -> {
            assertThat(alert.getSubjectType()).isEqualTo("local_user");
            assertThat(alert.getSubject()).isEqualTo("33@mx1");
            assertThat(alert.getTitle()).startsWith("Local user 33@mx1: ");
            assertThat(alert.getAction()).isEqualTo("observe");
            assertThat(alert.getRunbook()).endsWith("without-login.md");
            assertThat(alert.getStartedAt()).isBefore(NIGHT.plusSeconds(120));
        });
        assertThat(world.puts).isEmpty();
    }

    @Test
    void whatTheOwnerGoesOnToSendAfterAnAbuseIsNotToldAnew() {
        for (int day = 13; day >= 1; day--) {
            for (int i = 0; i < 8; i++) {
                submits("mx1", 33, NIGHT.minusSeconds((long) day * DAY).plusSeconds(i * 7200L));
            }
        }
        for (int i = 0; i < 300; i++) {
            submits("mx1", 33, NIGHT.plusSeconds(2L * i));
        }

        for (int i = 1; i < 9; i++) {
            world.ticksUpTo(NIGHT.plusSeconds(i * 7200L));
            submits("mx1", 33, NIGHT.plusSeconds(i * 7200L));
        }

        assertThat(world.alertStates().stream().filter("FIRING"::equals)).hasSize(1);
    }

    @Test
    void aSlowAbuseIsToldByItsDay() {
        for (int day = 13; day >= 1; day--) {
            for (int i = 0; i < 8; i++) {
                submits("mx1", 33, NIGHT.minusSeconds((long) day * DAY).plusSeconds(i * 7200L));
            }
        }

        for (int i = 0; i < 150; i++) {
            submits("mx1", 33, NIGHT.plusSeconds(500L * i));
        }

        assertThat(world.alerts).isNotEmpty();
        assertThat(world.alerts.get(0).getDescription()).contains("in a day");
    }

    @Test
    void byChoiceALocalUserIsRefusedOnItsOwnHost() {
        world = new World(DetectionConfig.of(Map.of("detectors.sending-without-login.stop-local-users", true)));
        for (int day = 13; day >= 1; day--) {
            submits("mx1", 33, NIGHT.minusSeconds((long) day * DAY).plusSeconds(6 * 3600));
            relays("192.168.7.9", "boss@example.com", NIGHT.minusSeconds((long) day * DAY));
        }

        for (int i = 0; i < 300; i++) {
            submits("mx1", 33, NIGHT.plusSeconds(2L * i));
            relays("192.168.7.9", "boss@example.com", NIGHT.plusSeconds(2L * i));
        }

        assertThat(world.puts).isNotEmpty().allSatisfy(block -> {
            assertThat(block.getSubjectType()).isEqualTo("local_user");
            assertThat(block.getSubject()).isEqualTo("33@mx1");
            assertThat(block.getAction()).isEqualTo("reject");
            assertThat(block.getOnlyHost()).isEqualTo("mx1");
        });
        assertThat(world.alerts)
                .filteredOn(alert -> alert.getSubjectType().equals("local_user"))
                .last()
                .satisfies(alert -> assertThat(alert.getTitle())
                        .contains("what it sends is refused on mx1 alone until", "then unblock it"));
        assertThat(world.alerts)
                .filteredOn(alert -> alert.getSubjectType().equals("relay_sender"))
                .isNotEmpty()
                .allSatisfy(alert -> assertThat(alert.getAction()).isEqualTo("observe"));
    }

    @Test
    void byChoiceASendersMailFromItsClientIsHeldOnThatHost() {
        world = new World(DetectionConfig.of(Map.of("detectors.sending-without-login.stop-relay-senders", true)));
        for (int day = 13; day >= 1; day--) {
            submits("mx1", 33, NIGHT.minusSeconds((long) day * DAY).plusSeconds(6 * 3600));
            relays("192.168.7.9", "boss@example.com", NIGHT.minusSeconds((long) day * DAY));
            relays("192.168.7.10", "boss@example.com", NIGHT.minusSeconds((long) day * DAY));
        }

        for (int i = 0; i < 300; i++) {
            submits("mx1", 33, NIGHT.plusSeconds(2L * i));
            relays("192.168.7.9", "boss@example.com", NIGHT.plusSeconds(2L * i));
        }

        assertThat(world.puts).isNotEmpty().allSatisfy(block -> {
            assertThat(block.getSubjectType()).isEqualTo("relay_sender");
            assertThat(block.getSubject()).isEqualTo("boss@example.com from 192.168.7.9 on mx1");
            assertThat(block.getAction()).isEqualTo("hold");
            assertThat(block.getOnlyHost()).isEqualTo("mx1");
        });
        assertThat(world.alerts)
                .filteredOn(alert -> alert.getSubjectType().equals("relay_sender"))
                .last()
                .satisfies(alert -> assertThat(alert.getTitle()).contains("what it sends is held on mx1 alone until"));
    }

    @Test
    void theSameUserOfAnotherHostAndCronAreLeftAlone() {
        for (int day = 13; day >= 1; day--) {
            for (int i = 0; i < 30; i++) {
                submits("mx1", 0, NIGHT.minusSeconds((long) day * DAY).plusSeconds(i));
            }
            submits("mx2", 33, NIGHT.minusSeconds((long) day * DAY));
        }
        for (int i = 0; i < 45; i++) {
            submits("mx1", 0, NIGHT.plusSeconds(i));
        }
        submits("mx2", 33, NIGHT);

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aUserWithoutAHistoryIsToldAtACeiling() {
        for (int i = 0; i < 499; i++) {
            submits("mx1", 1001, NIGHT.plusSeconds(i));
        }
        assertThat(world.alerts).isEmpty();

        submits("mx1", 1001, NIGHT.plusSeconds(500));

        assertThat(world.alerts)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getDescription()).contains("no history"));
    }

    @Test
    void aTicketSystemThatRelaysIsKnownByItsSenderAndClient() {
        for (int day = 13; day >= 1; day--) {
            relays("192.168.7.9", "tickets@example.com", NIGHT.minusSeconds((long) day * DAY));
            relays("192.168.7.9", "boss@example.com", NIGHT.minusSeconds((long) day * DAY));
        }

        for (int i = 0; i < 200; i++) {
            relays("192.168.7.9", "boss@example.com", NIGHT.plusSeconds(3L * i));
        }

        assertThat(world.alerts)
                .filteredOn(alert -> alert.getSubjectType().equals("relay_sender"))
                .extracting(Alert::getSubject)
                .containsOnly("boss@example.com from 192.168.7.9 on mx1");
    }

    @Test
    void aWebmailOnTheHostThatDoesNotLogInIsKnownBySender() {
        for (int day = 13; day >= 1; day--) {
            relays("127.0.0.1", "ann@example.com", NIGHT.minusSeconds((long) day * DAY));
        }

        for (int i = 0; i < 200; i++) {
            relays("127.0.0.1", "ann@example.com", NIGHT.plusSeconds(3L * i));
        }

        assertThat(world.alerts).extracting(Alert::getSubject).containsOnly("ann@example.com from 127.0.0.1 on mx1");
    }

    @Test
    void otherServersWhoseMailComesInAreNobodysSenders() {
        for (int i = 0; i < 600; i++) {
            relays("203.0.113.77", "news@example.org", NIGHT.plusSeconds(3L * i));
        }

        assertThat(world.states.keySet()).noneMatch(key -> key.startsWith("relay_sender"));
    }

    @Test
    void mailForMailboxesOfTheHostLeavesForNowhere() {
        relays("192.168.7.9", "boss@example.com", NIGHT, "mx1[private/dovecot-lmtp]");
        relays("192.168.7.9", "boss@example.com", NIGHT, "192.168.7.20[192.168.7.20]:24");

        assertThat(world.states.keySet()).noneMatch(key -> key.startsWith("relay_sender"));
    }

    private void submits(String host, long uid, Instant at) {
        String id = "L" + ++messages;
        world.receives(world.event("pickup", at)
                .setHostId(host)
                .setSourceId(host)
                .setQueueId(id)
                .setUid(uid)
                .setFrom("www-data"));
        world.receives(world.event("queued", at)
                .setHostId(host)
                .setSourceId(host)
                .setQueueId(id)
                .setNrcpt(1L));
    }

    private void relays(String ip, String from, Instant at) {
        relays(ip, from, at, "mx.example.net[192.0.2.99]:25");
    }

    private void relays(String ip, String from, Instant at, String relay) {
        String id = "R" + ++messages;
        world.receives(world.event("client", at).setQueueId(id).setClientIp(ip));
        world.receives(world.event("queued", at).setQueueId(id).setFrom(from).setNrcpt(1L));
        world.receives(world.event("delivery", at)
                .setQueueId(id)
                .setTo("victim@example.net")
                .setStatus("sent")
                .setRelay(relay));
        world.receives(world.event("removed", at).setQueueId(id));
    }
}
