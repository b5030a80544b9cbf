package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.block.Block;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.detector.Family;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.profile.SendingHabits;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each kind of evidence sees, and what it leaves alone. */
class EvidenceTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();
    private int queue;

    @Test
    void aBurstFromElsewhereIsStoppedAndTheSameBurstFromTheDeskIsNot() {
        office("ann");
        office("bob");

        for (int i = 0; i < 15; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(20L * i));
            world.sends("bob", World.HOME, T.plusSeconds(20L * i));
        }

        assertThat(world.findingsOf("unfamiliar-sending"))
                .isNotEmpty()
                .extracting(Finding::getSubject)
                .containsOnly("ann");
        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.blockOf("bob")).isNull();
    }

    @Test
    void aJourneyAtTheUsualPaceIsNotStopped() {
        office("ann");

        for (int day = 0; day < 6; day++) {
            for (int i = 0; i < 5; i++) {
                world.sends("ann", World.SPAIN, T.plusSeconds(86_400L * day + 4000L * i));
            }
        }

        assertThat(world.findingsOf("new-country")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void fewMessagesToVeryManyFromElsewhereAreStopped() {
        office("ann");

        for (int i = 0; i < 4; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(600L * i), 60);
        }

        assertThat(world.findingsOf("many-recipients")).isNotEmpty();
        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void aListThatIsWrittenToOftenIsUsual() {
        for (int day = 20; day >= 1; day--) {
            world.sends("list", World.HOME, T.minusSeconds(86_400L * day), 80);
        }
        world.findings.clear();

        world.sends("list", World.HOME, T, 80);

        assertThat(world.findingsOf("many-recipients")).isEmpty();
    }

    @Test
    void manyEnvelopeSendersOfOneLoginAreToldAndAForwardersAreUsual() {
        office("ann");
        for (int day = 10; day >= 1; day--) {
            for (int i = 0; i < 20; i++) {
                sendsAs("forwarder", "s" + day + "." + i + "@example.org", T.minusSeconds(86_400L * day - 600L * i), 0);
            }
        }
        world.findings.clear();

        for (int i = 0; i < 6; i++) {
            sendsAs("ann", "offer" + i + "@example.net", T.plusSeconds(900L * i), 0);
            sendsAs("forwarder", "new" + i + "@example.net", T.plusSeconds(900L * i), 0);
        }

        assertThat(world.findingsOf("many-senders"))
                .isNotEmpty()
                .extracting(Finding::getSubject)
                .containsOnly("ann");
    }

    @Test
    void mailThatComesBackIsToldByItsShareOfRecipients() {
        office("ann");
        office("bob");

        for (int i = 0; i < 30; i++) {
            sendsAs("ann", "ann", T.plusSeconds(60L * i), i % 3 == 0 ? 1 : 0);
            sendsAs("bob", "bob", T.plusSeconds(60L * i), i % 30 == 0 ? 1 : 0);
        }

        assertThat(world.findingsOf("bounced-share"))
                .isNotEmpty()
                .extracting(Finding::getSubject)
                .containsOnly("ann");
    }

    @Test
    void aBotnetIsSeenByItsManyNetworks() {
        office("ann");

        for (int i = 0; i < 6; i++) {
            world.sends("ann", "10." + (20 + i) + ".7.7", T.plusSeconds(1200L * i));
        }

        assertThat(world.findingsOf("many-networks")).isNotEmpty();
    }

    @Test
    void onePasswordTestedFirstAndUsedDaysLaterIsRemembered() {
        office("ann");
        for (int i = 0; i < 8; i++) {
            world.fails("ann", "198.51.100.40", T.minusSeconds(3 * 86_400L - 300L * i));
        }

        world.sends("ann", World.BRAZIL, T);

        assertThat(world.findingsOf("success-after-slow-guessing")).isNotEmpty();
        assertThat(world.blockOf("ann")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.40", "64:ff9b::c633:6428", "64:ff9b::c633:6407", "2002:c633:6428::1"})
    void guessesFromBehindATranslatorAreRememberedAsThoseOfTheClientsNeighbourhood(String guesser) {
        office("ann");
        for (int i = 0; i < 8; i++) {
            world.fails("ann", guesser, T.minusSeconds(3 * 86_400L - 300L * i));
        }

        world.sends("ann", "64:ff9b::c633:6407", T);

        assertThat(world.findingsOf("success-after-slow-guessing")).isNotEmpty();
    }

    @Test
    void ownerWhoMistypesAtHomeIsNotBlocked() {
        office("ann");
        for (int i = 0; i < 8; i++) {
            world.fails("ann", World.HOME, T.minusSeconds(3000L - 300L * i));
        }

        world.sends("ann", World.HOME, T);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void slowGuessesOfOneAddressAtManyAccountsAreSeenWithinTheHour() {
        for (int i = 0; i < 16; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(180L * i));
        }

        assertThat(world.blocks).containsKey("client_ip:" + World.BRAZIL);
    }

    @Test
    void oneNeighbourhoodOnSeveralAccountsRaisesAllOfThem() {
        office("ann");
        office("bob");
        office("carl");

        world.sends("ann", World.BRAZIL, T);
        world.sends("bob", "198.51.100.8", T.plusSeconds(600));
        world.sends("carl", "198.51.100.9", T.plusSeconds(1200));

        assertThat(world.findingsOf("shared-network"))
                .extracting(Finding::getSubject)
                .contains("ann", "bob", "carl");
        assertThat(world.puts).as("nothing was sent in excess yet").isEmpty();
    }

    @Test
    void aNetworkThatAnAccountWasBlockedForIsDearForTheNext() {
        office("ann");
        office("bob");
        for (int i = 0; i < 15; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(20L * i));
        }

        world.sends("bob", World.BRAZIL, T.plusSeconds(3600));

        assertThat(world.blockOf("bob")).isNotNull();
    }

    @Test
    void ceilingsYieldToAnEstablishedHistory() {
        for (int day = 7; day >= 1; day--) {
            for (int i = 0; i < 300; i++) {
                world.sends("tickets", World.HOME, T.minusSeconds(86_400L * day - 240L * i));
            }
        }
        int before = world.puts.size();

        for (int i = 0; i < 300; i++) {
            world.sends("tickets", World.HOME, T.plusSeconds(240L * i));
        }

        assertThat(before).isZero();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aHoldEndsAlthoughTheOwnerGoesOnAsUsual() {
        office("ann");
        world.tell(SubjectKeys.account("ann"), new Input.ForeignFinding(opinion(0.6)));
        Block hold = world.blockOf("ann");

        world.sends("ann", World.HOME, T.plusSeconds(1800));
        world.tick(SubjectKeys.account("ann"), hold.getEndsAt());
        world.sends("ann", World.HOME, hold.getEndsAt().plusSeconds(600));

        assertThat(hold.getAction()).isEqualTo("hold");
        assertThat(Duration.between(hold.getDecidedAt(), hold.getEndsAt())).isEqualTo(Duration.ofHours(1));
        assertThat(world.blockOf("ann")).isNull();
    }

    @Test
    void weightsOfDifferentFamiliesAddUpAndOfOneFamilyTheHeaviestCounts() {
        Risk apart = new Risk(0.001);
        apart.add(new Family("place"), Risk.score(3, 0.001));
        apart.add(new Family("bounces"), Risk.score(4, 0.001));
        Risk same = new Risk(0.001);
        same.add(new Family("place"), Risk.score(3, 0.001));
        same.add(new Family("place"), Risk.score(4, 0.001));

        assertThat(apart.probability()).isCloseTo(Risk.score(7, 0.001), within(1e-12));
        assertThat(same.probability()).isCloseTo(Risk.score(4, 0.001), within(1e-12));
        assertThat(Risk.score(0, 0.001)).isCloseTo(0.001, within(1e-12));
    }

    @Test
    void logarithmOfTheGammaFunctionIsExact() {
        assertThat(SendingHabits.logGamma(1)).isCloseTo(0, within(1e-9));
        assertThat(SendingHabits.logGamma(0.5)).isCloseTo(Math.log(Math.PI) / 2, within(1e-9));
        assertThat(SendingHabits.logGamma(11)).isCloseTo(Math.log(3_628_800), within(1e-9));
    }

    private void office(String login) {
        for (int day = 20; day >= 1; day--) {
            for (int i = 0; i < 5; i++) {
                sendsAs(login, login, T.minusSeconds(86_400L * day - 4000L * i), 0);
            }
        }
    }

    private void sendsAs(String login, String from, Instant at, int bounced) {
        String id = "E" + ++queue;
        world.receives(
                world.event("client", at).setQueueId(id).setClientIp(World.HOME).setSaslUsername(login));
        world.receives(world.event("queued", at).setQueueId(id).setNrcpt(1L).setFrom(from));
        world.receives(world.event("delivery", at)
                .setQueueId(id)
                .setStatus(bounced > 0 ? "bounced" : "sent")
                .setRelay("mx.example.org[192.0.2.99]:25"));
        world.receives(world.event("removed", at).setQueueId(id));
    }

    private static Finding opinion(double score) {
        return Finding.newBuilder()
                .setFindingId(StableIds.of("opinion"))
                .setSubject("ann")
                .setSubjectType("sasl_user")
                .setDetector("test")
                .setScore(score)
                .setTitle("Suspicion")
                .setOccurredAt(T)
                .build();
    }
}
