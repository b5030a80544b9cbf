package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.profile.HomeInactivity;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingHabits;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What silence at home, and mail that arrives, say for the owner. */
class SilenceTest {
    private static final Instant T = Instant.parse("2026-03-05T00:00:00Z");
    private static final long PAUSE = 2850;
    /** Of which no place is known. */
    private static final String ELSEWHERE = "192.168.9.1";

    private static final Duration HOUR = Duration.ofHours(1);

    private final World world = new World();

    @Test
    void anApplicationThatMovesToAnotherCountryKeepsItsMail() {
        shopAtHome();

        shop(World.SPAIN, T.plus(HOUR), 6);

        assertThat(world.puts).isEmpty();
        assertThat(world.findings).as("but it is told of").isNotEmpty();
    }

    @Test
    void aThiefWhoSendsTwiceAsMuchBesideTheApplicationIsStopped() {
        shopAtHome();

        for (int i = 0; i < 90; i++) {
            world.sends("shop", i % 3 == 0 ? World.HOME : World.BRAZIL, T.plusSeconds(PAUSE / 3 * i));
        }

        assertThat(world.blockOf("shop")).isNotNull();
    }

    @Test
    void aHoldOfAnApplicationThatMovedEndsByItself() {
        shopAtHome();
        world.tell(SubjectKeys.account("shop"), new Input.ForeignFinding(suspicion(T.plusSeconds(60))));

        // It goes on at its usual pace; what it sends is held, and nothing comes from where it was.
        Instant at = T.plusSeconds(300);
        world.sends("shop", ELSEWHERE, at);
        Block block = world.blockOf("shop");
        for (int i = 0; i < 100 && world.blockOf("shop") != null; i++) {
            at = at.plusSeconds(PAUSE);
            world.tick(SubjectKeys.account("shop"), at);
            world.sends("shop", ELSEWHERE, at);
        }

        assertThat(block.getAction()).isEqualTo("hold");
        assertThat(world.blockOf("shop")).isNull();
        assertThat(Duration.between(T, at)).isBetween(Duration.ofHours(2), Duration.ofHours(12));
    }

    @Test
    void silenceWeighsAsMuchAsItIsUnlikely() {
        shopAtHome();

        // Twenty days, each with mail: one in 22 is believed to be without, and seven of ten owners send nothing from
        // home.
        assertThat(silence(T.plus(Duration.ofHours(20)))).isCloseTo(Math.log(0.7 * 22), within(0.05));
        assertThat(silence(T.plus(Duration.ofMinutes(20)))).as("it is usual").isZero();
        assertThat(silence(T.plus(Duration.ofHours(4)))).isBetween(0.3, 2.6);
    }

    @Test
    void anAccountThatRestsOnManyDaysMayBeSilent() {
        for (int day = 40; day >= 1; day -= 2) {
            for (int i = 0; i < 20; i++) {
                world.sends("shop", World.HOME, T.minusSeconds(86_400L * day - 600L * i));
            }
        }

        assertThat(silence(T.plus(Duration.ofHours(23)))).isBetween(0.0, 0.5);
    }

    @Test
    void whatMayStillBeOnItsWayDoesNotCountAsSilence() {
        shopAtHome();
        Instant at = T.plus(Duration.ofHours(9));
        double before = silence(at);

        world.sends("shop", World.HOME, at.minusSeconds(30));

        assertThat(silence(at)).as("nor does the order of arrival matter").isCloseTo(before, within(0.01));
        assertThat(silence(at.plusSeconds(300))).isZero();
    }

    @Test
    void refusedTriesFromHomeAreNoSilence() {
        shopAtHome();
        Instant at = T.plus(Duration.ofHours(20));
        world.refuses("shop", World.HOME, at.minusSeconds(600), "mx1", "0a1b2c3d");

        assertThat(silence(at)).isZero();
    }

    @Test
    void mailThatArrivesSpeaksForTheOwnerAndOnlySoMuch() {
        shopAtHome();
        Profile profile =
                new Profile(world.stateOf("shop"), DetectionConfig.defaults().profile());

        double arrived = profile.habits().delivered(T.minusSeconds(60));

        // A quarter of thieves have addresses that exist: never more than ln 4.
        assertThat(arrived).isBetween(-Math.log(4), -1.2);
    }

    /** Twenty days, up to the last minutes before {@link #T}. */
    private void shopAtHome() {
        shop(World.HOME, T.minusSeconds(PAUSE * 600 + 300), 20);
    }

    private static Finding suspicion(Instant at) {
        return Finding.newBuilder()
                .setFindingId(StableIds.of("suspicion"))
                .setSubject("shop")
                .setSubjectType("sasl_user")
                .setDetector("test")
                .setScore(0.083)
                .setTitle("Suspicion")
                .setOccurredAt(at)
                .build();
    }

    private double silence(Instant at) {
        SubjectState state = world.stateOf("shop");
        return new HomeInactivity(state, new SendingHabits(state)).weight(at);
    }

    /** An order about every 48 minutes, day and night. */
    private void shop(String from, Instant begin, int days) {
        for (int i = 0; i < 30 * days; i++) {
            world.sends("shop", from, begin.plusSeconds(PAUSE * i + 97L * (i * 7 % 11)));
        }
    }
}
