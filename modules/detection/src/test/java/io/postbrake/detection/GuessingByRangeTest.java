package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guesser who has more than one address. No places are known. */
class GuessingByRangeTest {
    private static final Instant T = Instant.parse("2026-03-16T10:00:00Z");
    private static final String LINK = "client_net:2001:db8:77:1::/64";
    private static final String SITE = "client_net:2001:db8:77::/48";
    private static final String HOSTER = "client_net:198.51.100.0/24";

    private World world = new World().quick();

    @Test
    void aFreshAddressOfOneLinkForEachTryIsOneGuesser() {
        fleet(5);

        fails(200, 18, n -> "2001:db8:77:1:52e7:f2a8:0:" + Integer.toHexString(n), n -> "name" + n);

        assertThat(firing()).containsExactly(LINK);
        assertThat(world.alerts.get(0).getStartedAt()).isEqualTo(T.plusSeconds(14 * 18));
        assertThat(world.alerts.get(0).getTitle()).startsWith("Network 2001:db8:77:1::/64: 15 failed logins");
        Block first = world.puts.get(0);
        assertThat(first.getSubject()).isEqualTo("2001:db8:77:1::/64");
        assertThat(first.getSubjectType()).isEqualTo("client_net");
        assertThat(first.getAction()).isEqualTo("defer");
        assertThat(first.getDecidedAt()).isBefore(T.plusSeconds(30 * 18));
        assertThat(first.getEndsAt()).isEqualTo(first.getDecidedAt().plus(Duration.ofHours(4)));
    }

    @Test
    void oneFailureInEachOfThirtyCustomersNetworksIsNobodysRange() {
        fleet(5);

        fails(30, 18, n -> "2001:db8:" + Integer.toHexString(n) + ":1::5", n -> "name" + n);

        assertThat(world.alerts).isEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void oneFailureInEachOfThirtyLinksOfASiteRefusesNobody() {
        fleet(5);

        fails(30, 18, n -> "2001:db8:77:" + Integer.toHexString(n) + "::5", n -> "name" + n);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void aSiteThatChangesItsLinksIsRefusedAsAWhole() {
        fleet(5);

        fails(60, 18, n -> "2001:db8:77:" + Integer.toHexString(n) + "::5", n -> "name" + n);

        assertThat(world.blocks).containsOnlyKeys(SITE);
        assertThat(world.blocks.get(SITE).getReason()).contains("networks (/64)");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 60, 1800})
    void someAddressesOfAHosterAreOneGuesserFastOrSlow(int seconds) {
        fleet(5);

        fails(24, seconds, n -> "198.51.100." + (10 + n % 6), n -> "name" + n % 9);

        assertThat(firing()).containsExactly(HOSTER);
        assertThat(world.puts).extracting(Block::getSubject).containsOnly("198.51.100.0/24");
    }

    @Test
    void oneNameIsGuessedWithMorePatience() {
        fleet(5);

        fails(44, 60, n -> "198.51.100." + (10 + n % 12), n -> "ann");
        assertThat(world.puts).isEmpty();
        assertThat(firing()).containsExactly(HOSTER);

        fails(4, 3600 * 3, n -> "198.51.100." + (10 + n % 12), n -> "ann");
        assertThat(world.blocks).containsKey(HOSTER);
    }

    @Test
    void aTelephoneWithAnOldPasswordThatChangesItsAddressIsNotRefused() {
        fleet(5);

        fails(96, 900, n -> "198.51.100." + (10 + n % 3), n -> "ann");

        assertThat(world.puts).isEmpty();
    }

    @Test
    void whereSomebodyLoggedInWithinAMonthNobodyIsRefused() {
        mail("user3", "198.51.100.200", T.minus(Duration.ofDays(29)));
        fleet(5);

        fails(59, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(world.alerts).isEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void whoLoggedInLongerAgoHasMoved() {
        mail("user3", "198.51.100.200", T.minus(Duration.ofDays(31)));
        fleet(5);

        fails(20, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(world.blocks).containsKey(HOSTER);
    }

    @Test
    void whereMailCameFromWithinAMonthNobodyIsRefused() {
        comesIn("198.51.100.25", T.minus(Duration.ofDays(20)));
        fleet(5);

        fails(59, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void whereTheLastOfManyDaysMailCameFromLongerAgoIsRefused() {
        for (int day = 50; day > 31; day--) {
            comesIn("198.51.100.25", T.minus(Duration.ofDays(day)));
        }
        fleet(5);

        fails(20, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(world.blocks).containsKey(HOSTER);
    }

    @Test
    void anAddressTellsItsRangeOfMailOnceADay() {
        for (int i = 0; i < 300; i++) {
            comesIn("198.51.100.25", T.plusSeconds(600L * i));
            comesIn("2001:db8:77:1::25", T.plusSeconds(600L * i));
        }

        assertThat(world.findingsOf("mailed-there"))
                .extracting(f -> f.getSubjectType() + ":" + f.getSubject())
                .containsExactly(HOSTER, LINK, SITE, HOSTER, LINK, SITE, HOSTER, LINK, SITE);
    }

    @Test
    void anAddressWithNothingButMailIsForgottenWithinADayAndMayGoBefore() {
        comesIn("198.51.100.25", T);
        assertThat(SubjectEngine.expendable(world.states.get("client_ip:198.51.100.25")))
                .isZero();

        world.ticksUpTo(T.plus(Duration.ofDays(1)));

        assertThat(world.states).containsOnlyKeys(HOSTER);
    }

    @Test
    void aCrowdsRangeThatGuessesInEarnestIsToldOfAndNotRefused() {
        mail("user3", "198.51.100.200", T.minus(Duration.ofDays(9)));
        fleet(5);

        fails(80, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(firing()).containsExactly(HOSTER);
        assertThat(world.puts).isEmpty();
    }

    @Test
    void beforeTheFleetHasAHistoryARangeIsOnlyToldOf() {
        fleet(2);

        fails(40, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(firing()).containsExactly(HOSTER);
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aHundredFreshAddressesOfOneLinkNeedNoHistory() {
        fails(110, 18, n -> "2001:db8:77:1:52e7:f2a8:0:" + Integer.toHexString(n), n -> "name" + n);

        assertThat(world.puts)
                .first()
                .satisfies(b -> assertThat(b.getDecidedAt()).isEqualTo(T.plusSeconds(99 * 18)));
        assertThat(world.blocks).containsOnlyKeys(LINK);
    }

    @Test
    void devicesOfOneLinkThatTryAgainAreNoSuchGuesser() {
        fails(400, 18, n -> "2001:db8:77:1::" + Integer.toHexString(n % 40), n -> "name" + n % 40);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void whatOldLogsTaughtIsNoHistoryOfWhereAccountsLogIn() {
        World old = new World().quick();
        for (int day = 9; day > 0; day--) {
            for (int user = 0; user < 12; user++) {
                old.sends("user" + user, World.HOME, T.minus(Duration.ofDays(day)));
            }
        }
        world.tell("fleet:all", new Input.Seed(old.states.get("fleet:all")));

        fails(40, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void aRangeWithAnAddressThatIsNeverBlockedIsNotRefused() {
        world = new World(DetectionConfig.of(Map.of(
                        "allow.networks", List.of(Map.of("subject", "198.51.100.77", "reason", "our second office")))))
                .quick();
        fleet(5);

        fails(40, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        assertThat(firing()).containsExactly(HOSTER);
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aBlockEndsWithinHoursHoweverOftenItIsRepeated() {
        fleet(5);

        for (int night = 0; night < 6; night++) {
            Instant from = T.plus(Duration.ofDays(night));
            for (int i = 0; i < 200; i++) {
                world.ticksUpTo(from.plusSeconds(60L * i));
                world.fails("name" + i, "198.51.100." + (10 + i % 12), from.plusSeconds(60L * i));
            }
            world.ticksUpTo(from.plus(Duration.ofHours(16)));
            assertThat(world.blocks).isEmpty();
        }

        assertThat(world.puts)
                .isNotEmpty()
                .allSatisfy(b -> assertThat(Duration.between(b.getDecidedAt(), b.getEndsAt()))
                        .isLessThanOrEqualTo(Duration.ofHours(12)));
    }

    @Test
    void privateNetworksAreNoRanges() {
        fleet(5);

        fails(80, 30, n -> "172.22.1." + (10 + n % 12), n -> "name" + n);

        assertThat(world.states.keySet()).noneMatch(key -> key.startsWith("client_net:172."));
    }

    @Test
    void rangesWithoutALoginMayBeForgottenForWantOfRoomAndOthersNot() {
        world.fails("name1", "198.51.100.10", T);
        world.fails("name2", "198.51.100.11", T);
        mail("user1", "192.0.2.90", T);
        world.fails("name1", "192.0.2.91", T);

        assertThat(SubjectEngine.expendable(world.states.get(HOSTER))).isEqualTo(2);
        assertThat(SubjectEngine.expendable(world.states.get("client_net:192.0.2.0/24")))
                .isEqualTo(-1);
    }

    @Test
    void nothingIsLeftOfARangeTwoDaysAfterItsLastFailure() {
        fails(12, 30, n -> "198.51.100." + (10 + n % 12), n -> "name" + n);

        world.ticksUpTo(T.plus(Duration.ofDays(3)));

        assertThat(world.states).doesNotContainKey(HOSTER);
    }

    /** Twelve accounts send on each of so many days from an office. */
    private void fleet(int days) {
        for (int day = days; day > 0; day--) {
            for (int user = 0; user < 12; user++) {
                mail("user" + user, "192.0.2.201", T.minus(Duration.ofDays(day)).plusSeconds(60L * user));
            }
        }
    }

    private void mail(String login, String ip, Instant at) {
        world.ticksUpTo(at);
        world.sends(login, ip, at);
    }

    /** Another server hands over a message. */
    private void comesIn(String ip, Instant at) {
        world.ticksUpTo(at);
        String id = "in-" + ip + at;
        world.receives(world.event("client", at).setQueueId(id).setClientIp(ip));
        world.receives(world.event("queued", at).setQueueId(id).setNrcpt(1L));
        world.receives(
                world.event("delivery", at).setQueueId(id).setStatus("sent").setRelay("mx1[private/dovecot-lmtp]"));
        world.receives(world.event("removed", at).setQueueId(id));
    }

    private void fails(int times, int seconds, IntFunction<String> ip, IntFunction<String> name) {
        Instant from = world.states.values().stream()
                .map(s -> s.getLastSeenAt())
                .filter(at -> at != null && !at.isBefore(T))
                .max(Instant::compareTo)
                .map(at -> at.plusSeconds(seconds))
                .orElse(T);
        for (int i = 0; i < times; i++) {
            Instant at = from.plusSeconds((long) seconds * i);
            world.ticksUpTo(at);
            world.fails(name.apply(i), ip.apply(i), at);
        }
    }

    private List<String> firing() {
        return world.alerts.stream()
                .filter(a -> a.getState().equals("FIRING"))
                .map(a -> a.getSubjectType() + ":" + a.getSubject())
                .filter(key -> key.startsWith("client_net:"))
                .toList();
    }
}
