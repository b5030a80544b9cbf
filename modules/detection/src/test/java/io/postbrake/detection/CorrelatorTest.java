package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.correlation.CorrelationState;
import io.postbrake.detection.correlation.Correlator;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CorrelatorTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();

    @Test
    void aMessageIsCountedOnceHoweverOftenItIsRetried() {
        world.receives(client("A").setSaslUsername("Ann@Example.ORG"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(3L));
        world.receives(world.event("delivery", T).setQueueId("A").setStatus("deferred"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(3L));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "OUTCOME");
        assertThat(world.submissions).allMatch(s -> s.getAccount().equals("ann@example.org"));
        assertThat(world.submissions.get(1).getRecipients()).isEqualTo(3);
        assertThat(world.submissions.get(0).getCountry()).isEqualTo("DE");
    }

    @Test
    void heldMailIsAcceptedMailAndItsReleaseIsNotASecondMessage() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("held", T).setQueueId("A"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED");
    }

    @Test
    void aMessageKnowsTheTlsProtocolOfItsSessionAndNotOfTheOneBefore() {
        world.receives(session("tls").setTls("TLSv1.3"));
        world.receives(session("client").setQueueId("A").setSaslUsername("ann"));
        world.receives(session("client").setQueueId("B").setSaslUsername("ann"));
        world.receives(session("disconnect"));
        world.receives(session("connect"));
        world.receives(session("client").setQueueId("C").setSaslUsername("ann"));
        world.receives(world.event("queued", T).setQueueId("B").setNrcpt(1L));

        assertThat(world.submissions)
                .extracting(Submission::getTls)
                .containsExactly("TLSv1.3", "TLSv1.3", null, "TLSv1.3");
    }

    @Test
    void aHoldIsTheNextMessagesAloneAndTheSessionStaysWhatItIs() {
        world.receives(session("tls").setTls("TLSv1.3"));
        world.receives(session("held").setSaslUsername("ann").setBlockRef("0a1b2c3d"));
        world.receives(session("client").setQueueId("A").setSaslUsername("ann"));
        world.receives(session("client").setQueueId("B").setSaslUsername("ann"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "ATTEMPT");
        assertThat(world.submissions).extracting(Submission::getBlockRef).containsExactly("0a1b2c3d", "0a1b2c3d", null);
        assertThat(world.submissions).extracting(Submission::getTls).containsExactly(null, "TLSv1.3", "TLSv1.3");
    }

    @Test
    void aMessageThatWasCanceledIsOverAndItsIdFreeAlsoUnderAHold() {
        world.receives(session("held").setSaslUsername("ann").setBlockRef("0a1b2c3d"));
        world.receives(session("client").setQueueId("A").setSaslUsername("ann"));

        world.receives(world.event("removed", T).setQueueId("A").setStatus("canceled"));

        assertThat(world.host("mx1").message("A")).isNull();
        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED");
    }

    @Test
    void aHoldThatNoMessageFollowedForLongIsForgotten() {
        world.receives(session("held").setSaslUsername("ann").setBlockRef("0a1b2c3d"));
        world.receives(session("client").setQueueId("A").setSaslUsername("ann").setOccurredAt(T.plusSeconds(601)));

        assertThat(phases()).containsExactly("ATTEMPT", "ATTEMPT");
    }

    @Test
    void aUsualLineIsLookedUpOnce() {
        Map<String, Integer> lookups = new LinkedHashMap<>();
        var memory = new Counting(world.host("mx1"));
        for (MailEvent.Builder line : List.of(
                session("connect"),
                session("tls").setTls("TLSv1.3"),
                session("client").setQueueId("A").setSaslUsername("ann"),
                world.event("queued", T).setQueueId("A").setNrcpt(1L),
                session("disconnect"),
                world.event("delivery", T).setQueueId("A").setStatus("sent"),
                world.event("removed", T).setQueueId("A"))) {
            memory.lookups = 0;
            new Correlator(World.GEO).accept(line.build(), memory, s -> {});
            lookups.put(line.getKind(), memory.lookups);
        }

        assertThat(lookups.values()).allMatch(n -> n <= 1);
        assertThat(lookups.keySet()).hasSize(7);
    }

    /** Counts how often a message or a session is looked for. */
    private static final class Counting implements CorrelationState {
        private final CorrelationState memory;
        private int lookups;

        Counting(CorrelationState memory) {
            this.memory = memory;
        }

        @Override
        public OpenMessage message(String queueId) {
            lookups++;
            return memory.message(queueId);
        }

        @Override
        public void putMessage(String queueId, OpenMessage message) {
            memory.putMessage(queueId, message);
        }

        @Override
        public void removeMessage(String queueId) {
            memory.removeMessage(queueId);
        }

        @Override
        public Watermark watermark(String sourceId, long generation) {
            return memory.watermark(sourceId, generation);
        }

        @Override
        public void putWatermark(Watermark watermark) {
            memory.putWatermark(watermark);
        }
    }

    private MailEvent.Builder session(String kind) {
        return world.event(kind, T).setService("smtpd").setPid(7L).setClientIp(World.HOME);
    }

    @Test
    void aReusedQueueIdIsANewMessage() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));
        world.receives(client("A").setSaslUsername("bob"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(world.submissions).extracting(Submission::getAccount).containsExactly("ann", "ann", "bob", "bob");
    }

    @Test
    void afterItsEndAQueueIdMeansNothing() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("removed", T).setQueueId("A"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(phases()).containsExactly("ATTEMPT");
    }

    @Test
    void theLegAfterAContentFilterIsNotCountedAgainAndBelongsToTheAccount() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));
        world.receives(client("B").setClientIp("127.0.0.1"));
        world.receives(world.event("queued", T).setQueueId("B").setNrcpt(1L));
        world.receives(
                world.event("delivery", T).setQueueId("A").setNextQueueId("B").setRelay("127.0.0.1[127.0.0.1]:10024"));
        world.receives(world.event("delivery", T).setQueueId("B").setRelay("mx[192.0.2.99]:25"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "OUTCOME", "OUTCOME");
        Submission last = world.submissions.get(3);
        assertThat(last.getAccount()).isEqualTo("ann");
        assertThat(last.getOriginQueueId()).isEqualTo("A");
    }

    @Test
    void whatWasSeenIsDroppedAndANewGenerationIsNot() {
        MailEvent event = client("A").setSaslUsername("ann").build();
        world.receives(MailEvent.newBuilder(event));
        world.receives(MailEvent.newBuilder(event));
        world.receives(MailEvent.newBuilder(event).setGeneration(1));

        assertThat(phases()).containsExactly("ATTEMPT", "ATTEMPT");
    }

    @Test
    void aRefusalKeepsItsReferenceAndABrokenServerIsNoFailedLogin() {
        world.receives(world.event("auth_failed", T)
                .setClientIp(World.HOME)
                .setReason("Connection lost to authentication server"));
        world.refuses("Ann", World.HOME, T, "mx1", "PB-1");

        assertThat(phases()).containsExactly("AUTH_ERROR", "REFUSED");
        assertThat(SubjectKeys.of(world.submissions.get(0))).isEmpty();
        assertThat(world.submissions.get(1).getBlockRef()).isEqualTo("PB-1");
        assertThat(SubjectKeys.of(world.submissions.get(1)))
                .containsExactly("sasl_user:ann", "client_ip:" + World.HOME);
    }

    @Test
    void aMilterRefusesAMessageOfTheAccountThatLoggedInAndTheIdIsFree() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("milter_reject", T)
                .setQueueId("A")
                .setStage("END-OF-MESSAGE")
                .setClientIp(World.HOME)
                .setReason("5.7.1 Spam"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(phases()).containsExactly("ATTEMPT", "REFUSED");
        assertThat(world.submissions.get(1).getAccount()).isEqualTo("ann");
    }

    @Test
    void aRefusedRecipientDoesNotEndItsMessage() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("rejected", T).setQueueId("A").setStage("RCPT"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(phases()).containsExactly("ATTEMPT", "REFUSED", "ACCEPTED");
    }

    @Test
    void mailOfAProgramOnTheHostIsThatOfItsUserOnce() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("pickup", T).setQueueId("A").setUid(33L).setFrom("www-data"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));
        world.receives(client("B").setClientIp("::1"));
        world.receives(world.event("delivery", T).setQueueId("A").setNextQueueId("B"));
        world.receives(world.event("delivery", T).setQueueId("B").setRelay("mx[192.0.2.99]:25"));

        assertThat(phases()).containsExactly("ATTEMPT", "ATTEMPT", "ACCEPTED", "OUTCOME", "OUTCOME");
        assertThat(world.submissions.subList(1, 5))
                .allMatch(s -> s.getLocalUid() == 33 && s.getAccount() == null)
                .flatExtracting(SubjectKeys::of)
                .containsExactly("local_user:33@mx1");
    }

    @Test
    void theLoginAtAProxyBeforeTheQueueIsTheMessages() {
        world.receives(client(null).setSaslUsername("ann"));
        world.receives(client("A").setProxyIp("127.0.0.1"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED");
        assertThat(world.submissions.get(1).getAccount()).isEqualTo("ann");
    }

    @Test
    void twoLoginsAtAProxyFromOneAddressAreNeitherBelieved() {
        world.receives(client(null).setSaslUsername("ann"));
        world.receives(client(null).setSaslUsername("bob"));
        world.receives(client("A").setProxyIp("127.0.0.1"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));

        assertThat(world.submissions.get(world.submissions.size() - 1).getAccount())
                .isNull();
    }

    @Test
    void aLegThatXforwardNamesBelongsToTheAccountFromItsFirstLine() {
        world.receives(client("A").setSaslUsername("ann"));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));
        world.receives(client("B").setProxyIp("127.0.0.1").setOrigQueueId("A"));
        world.receives(world.event("queued", T).setQueueId("B").setNrcpt(1L));
        world.receives(world.event("delivery", T).setQueueId("B").setRelay("mx[192.0.2.99]:25"));

        assertThat(phases()).containsExactly("ATTEMPT", "ACCEPTED", "OUTCOME");
        assertThat(world.submissions.get(2).getAccount()).isEqualTo("ann");
    }

    @Test
    void deadStateIsForgottenSoonerWithoutALogin() {
        Correlator correlator = new Correlator(World.GEO);
        world.receives(client("A"));
        world.receives(client("B").setSaslUsername("ann"));
        world.receives(client("C").setSaslUsername("ann"));
        world.receives(world.event("queued", T).setQueueId("C").setNrcpt(1L));

        assertThat(correlator.dead(world.host("mx1").message("A"), T.plusSeconds(3601)))
                .isTrue();
        assertThat(correlator.dead(world.host("mx1").message("B"), T.plusSeconds(3601)))
                .isFalse();
        assertThat(correlator.dead(world.host("mx1").message("B"), T.plusSeconds(86_401)))
                .isTrue();
        assertThat(correlator.dead(world.host("mx1").message("C"), T.plusSeconds(86_401)))
                .isFalse();
        assertThat(correlator.dead(world.host("mx1").message("C"), T.plus(Duration.ofDays(8))))
                .isTrue();
        assertThat(correlator.dead(world.host("mx1").watermark("log", 0), T.plus(Duration.ofDays(35))))
                .isFalse();
        assertThat(correlator.dead(world.host("mx1").watermark("log", 0), T.plus(Duration.ofDays(37))))
                .isTrue();
    }

    private MailEvent.Builder client(String queueId) {
        return world.event("client", T).setQueueId(queueId).setClientIp(World.HOME);
    }

    private List<String> phases() {
        return world.submissions.stream().map(Submission::getPhase).toList();
    }
}
