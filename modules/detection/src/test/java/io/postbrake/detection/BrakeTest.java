package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.notice.NoticeRecords;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Very many blocks at once are likelier our fault than thieves: they become holds, then observation, and one page says why. */
class BrakeTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    /** After {@link #slowly} of 22 accounts. */
    private static final Instant SLOWLY_DONE = T.plusSeconds(70 * 22);

    private World world = new World().quick();

    @Test
    void newBlocksBecomeHoldsAndThenAreOnlyObserved() {
        active(60);

        for (int i = 0; i < 40; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "impossible-travel");
        }

        assertThat(actions(0, 10)).containsOnly("reject");
        assertThat(actions(10, 30)).containsOnly("hold");
        assertThat(actions(30, 40)).containsOnly("none");
        assertThat(world.alertStatesOf("all")).containsExactly("FIRING", "UPDATED");
        Alert page = last("all");
        assertThat(page.getSeverity()).isEqualTo("critical");
        assertThat(page.getDescription()).contains("impossible-travel 30").contains("only observed");
        assertThat(last("user35").getDescription()).contains("would reject, but the brake is on");
    }

    @Test
    void aLargeFleetTakesAShareOfItsActiveAccounts() {
        active(400);

        for (int i = 0; i < 25; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "new-country");
        }

        assertThat(actions(0, 20)).containsOnly("reject");
        assertThat(actions(20, 25)).containsOnly("hold");
    }

    @Test
    void asManyBlocksInTheirOwnTimePullNothing() {
        active(60);

        for (int i = 0; i < 40; i++) {
            wronged("user" + i, T.plusSeconds(70L * i), "velocity-ceiling");
        }

        assertThat(actions(0, 40)).containsOnly("reject");
        assertThat(world.alertStatesOf("all")).isEmpty();
    }

    @Test
    void oneAccountThatIsFoundAgainAndAgainCountsOnce() {
        active(60);

        for (int i = 0; i < 200; i++) {
            wronged("user1", T.plusSeconds(i), "test" + i % 3);
        }

        assertThat(world.alertStatesOf("all")).isEmpty();
    }

    @Test
    void guessingAddressesAreCountedApart() {
        world = new World(config("brake.addresses.most", 4)).quick();
        active(60);

        for (int guesser = 0; guesser < 6; guesser++) {
            for (int i = 0; i < 12; i++) {
                world.fails("name" + i, "198.51.100." + (100 + guesser), T.plusSeconds(60L * guesser + i));
            }
        }
        wronged("user1", T.plusSeconds(400), "unfamiliar-sending");

        assertThat(action("user1")).isEqualTo("reject");
        assertThat(world.blocks.get(SubjectKeys.client("198.51.100.103")).getAction())
                .isEqualTo("defer");
        assertThat(world.blocks.get(SubjectKeys.client("198.51.100.104")).getAction())
                .isEqualTo("hold");
    }

    @Test
    void itRemembersNoMoreThanItReactsTo() {
        active(60);

        for (int i = 0; i < 60; i++) {
            wronged("user" + i, T.plusSeconds(5L * i), "new-country");
        }

        assertThat(world.states.get(SubjectKeys.FLEET).getStops()).hasSize(30);
        assertThat(last("all").getDescription()).startsWith("30 accounts");
    }

    @Test
    void itIsReleasedByItselfAndWhatWasHeldIsDecidedAnew() {
        active(60);
        for (int i = 0; i < 14; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "new-country");
        }
        assertThat(action("user13")).isEqualTo("hold");

        world.ticksUpTo(T.plus(Duration.ofMinutes(65)));
        wronged("user13", T.plus(Duration.ofMinutes(66)), "new-country");
        wronged("user50", T.plus(Duration.ofMinutes(66)), "new-country");

        assertThat(world.alertStatesOf("all")).containsExactly("FIRING", "RESOLVED");
        assertThat(action("user13")).isEqualTo("reject");
        assertThat(action("user50")).isEqualTo("reject");
        assertThat(world.states).doesNotContainKey(Brake.KEY);
    }

    @Test
    void anOperatorReleasesItAtOnce() {
        active(60);
        for (int i = 0; i < 14; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "new-country");
        }

        world.configured(config("brake.enabled", false));
        wronged("user20", T.plusSeconds(200), "new-country");
        world.tick(SubjectKeys.FLEET, T.plusSeconds(201));

        assertThat(action("user20")).isEqualTo("reject");
        assertThat(last("all").getResolution()).isEqualTo("released");
        assertThat(world.states).doesNotContainKey(Brake.KEY);
    }

    @Test
    void anOperatorsBlockIsCertainAndStandsAsSaid() {
        active(60);
        for (int i = 0; i < 40; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "new-country");
        }

        world.says("block", "user50", T.plusSeconds(500), null);

        assertThat(world.stateOf("user50").getWord().getVerb()).isEqualTo("block");
    }

    @Test
    void whatReadsTheWordOfTheFleetTakesNothingElseForIt() {
        Finding forged = Finding.newBuilder(NoticeRecords.record(new Notice.BrakeSet(T, List.of())))
                .setEvidence(List.of(io.postbrake.finding.Evidence.newBuilder()
                        .setText("sasl_user observe yesterday")
                        .build()))
                .build();

        world.tell(Brake.KEY, Input.of(forged));
        wronged("user1", T, "new-country");

        assertThat(action("user1")).isEqualTo("reject");
    }

    @Test
    void oneHostsWordPullsTheBrakeForItselfAlone() {
        active(60);
        for (int i = 0; i < 40; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "unfamiliar-sending", "mx7");
        }

        wronged("user50", T.plusSeconds(410), "unfamiliar-sending", "mx1");

        assertThat(actions(0, 10)).containsOnly("reject");
        assertThat(actions(10, 30)).containsOnly("hold");
        assertThat(actions(30, 40)).containsOnly("none");
        assertThat(action("user50")).isEqualTo("reject");
        assertThat(last("all").getDescription())
                .contains("on what mx7 alone says")
                .contains("look also at who may write its log");
    }

    @Test
    void aFaultThatAllHostsSeePullsItForAll() {
        active(60);
        for (int i = 0; i < 12; i++) {
            wronged("user" + i, T.plusSeconds(10L * i), "impossible-travel", "mx" + i % 3);
        }

        wronged("user50", T.plusSeconds(130), "impossible-travel", "mx9");

        assertThat(action("user50")).isEqualTo("hold");
    }

    @Test
    void howeverSlowlyAHostGoesAboutItFurtherBlocksAreItsOwn() {
        active(60);

        slowly(23, "mx7");

        assertThat(onlyHosts(0, 20)).containsOnly("all");
        assertThat(onlyHosts(20, 23)).containsOnly("mx7");
        assertThat(actions(0, 23)).containsOnly("reject");
        assertThat(world.alertStatesOf("all")).containsExactly("FIRING");
        assertThat(last("all").getDescription()).contains("20 accounts or more").contains("mx7 alone");
        assertThat(last("user22").getDescription()).contains("on mx7 alone");
    }

    @Test
    void anotherHostThatSeesTheThiefMakesTheBlockEverybodys() {
        active(60);
        slowly(22, "mx7");
        assertThat(onlyHosts(20, 22)).containsOnly("mx7");

        wronged("user20", SLOWLY_DONE, "unfamiliar-sending", "mx1", "203.0.113.9");
        wronged("user21", SLOWLY_DONE.plusSeconds(1), "unfamiliar-sending", "mx1", World.HOME);

        assertThat(onlyHosts(20, 22)).as("one away, one at home").containsExactly("all", "mx7");
    }

    @Test
    void whatAHostMayCauseComesBackWithTime() {
        active(60);
        slowly(22, "mx7");
        Instant later = SLOWLY_DONE.plus(Duration.ofHours(6));

        for (int i = 30; i < 37; i++) {
            wronged("user" + i, later.plusSeconds(700L * (i - 30)), "unfamiliar-sending", "mx7");
        }

        assertThat(onlyHosts(30, 35)).as("a quarter of a day gives back five").containsOnly("all");
        assertThat(onlyHosts(36, 37)).containsOnly("mx7");
    }

    @Test
    void badLimitsAreRefused() {
        assertThatThrownBy(() -> config("brake.accounts.share", 0))
                .hasMessageContaining("brake.accounts.share")
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> config("brake.accounts.most", 5))
                .hasMessageContaining("at least brake.accounts.least");
        assertThatThrownBy(() -> config("brake.addresses.most", 100_000)).hasMessageContaining("from 1 to 2000");
        assertThatThrownBy(() -> config("brake.host.accounts.most", 0))
                .hasMessageContaining("brake.host.accounts.most")
                .hasMessageContaining("from 1 to 2000");
    }

    private static DetectionConfig config(String key, Object value) {
        return DetectionConfig.of(Map.of(key, value));
    }

    /** Accounts that sent a letter two days before. */
    private void active(int accounts) {
        for (int i = 0; i < accounts; i++) {
            world.sends("user" + i, World.HOME, T.minusSeconds(2 * 86_400L - i));
        }
    }

    /** So slowly that no brake counts them together. */
    private void slowly(int accounts, String host) {
        for (int i = 0; i < accounts; i++) {
            wronged("user" + i, T.plusSeconds(70L * i), "unfamiliar-sending", host);
        }
    }

    private List<String> onlyHosts(int from, int to) {
        return java.util.stream.IntStream.range(from, to)
                .mapToObj(i -> world.blockOf("user" + i))
                .map(block -> block.getOnlyHost() == null ? "all" : block.getOnlyHost())
                .toList();
    }

    private void wronged(String login, Instant at, String detector) {
        wronged(login, at, detector, null);
    }

    private void wronged(String login, Instant at, String detector, String host) {
        wronged(login, at, detector, host, "198.51.100.77");
    }

    private void wronged(String login, Instant at, String detector, String host, String ip) {
        world.ticksUpTo(at);
        world.tell(
                SubjectKeys.account(login),
                new Input.ForeignFinding(Finding.newBuilder()
                        .setFindingId(StableIds.of("test", login, at, detector))
                        .setSubject(login)
                        .setSubjectType("sasl_user")
                        .setDetector(detector)
                        .setScore(0.95)
                        .setObserveOnly(false)
                        .setTitle("A rule that went wrong")
                        .setHostId(host)
                        .setEvidence(List.of(io.postbrake.finding.Evidence.newBuilder()
                                .setText("somebody sends")
                                .setClientIp(ip)
                                .build()))
                        .setOccurredAt(at)
                        .build()));
    }

    private List<String> actions(int from, int to) {
        return java.util.stream.IntStream.range(from, to)
                .mapToObj(i -> action("user" + i))
                .toList();
    }

    private String action(String login) {
        Block block = world.blockOf(login);
        return block == null ? "none" : block.getAction();
    }

    private Alert last(String subject) {
        return world.alerts.stream()
                .filter(a -> a.getSubject().equals(subject))
                .reduce((a, b) -> b)
                .orElseThrow();
    }
}
