package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is older than can be acted on is learnt, and told together as history. */
class OldLogsTest {
    private static final Instant START = Instant.parse("2026-03-02T08:00:00Z");
    private static final Instant TODAY = START.plus(Duration.ofDays(21));
    private static final Instant THEFT = START.plus(Duration.ofDays(10));

    private final List<MailEvent.Builder> log = new ArrayList<>();
    private final World world = new World().quick();
    private int queue;
    private long positions;

    @Test
    void anOldTheftIsOneNotificationThatSaysItIsHistory() {
        office("ann", 21);
        theft("ann", THEFT, 40);

        readAt(TODAY);
        world.ticksUpTo(TODAY.plus(Duration.ofHours(3)));

        assertThat(world.alerts).hasSize(1);
        Alert told = world.alerts.get(0);
        assertThat(told.getState()).isEqualTo("RESOLVED");
        assertThat(told.getResolution()).isEqualTo("history");
        assertThat(told.getTitle()).startsWith("History: 1 account");
        assertThat(told.getDescription()).contains("ann on 2026-03-12");
        assertThat(world.puts).isEmpty();
    }

    @Test
    void itIsToldByTheThiefsLinesAndSpeaksOfNoBlock() {
        office("ann", 21);
        theft("ann", THEFT, 40);

        readAt(TODAY);
        world.ticksUpTo(TODAY.plus(Duration.ofHours(3)));

        Alert told = world.alerts.get(0);
        assertThat(told.getEvidence()).isNotEmpty().allSatisfy(line -> {
            assertThat(line.getClientIp()).isEqualTo(World.BRAZIL);
            assertThat(line.getOccurredAt()).isBetween(THEFT, THEFT.plus(Duration.ofHours(1)));
            assertThat(line.getText()).doesNotContain("block");
        });
        assertThat(told.getDescription()).contains("nothing was blocked").doesNotContain("a block was decided");
        assertThat(world.findings).noneMatch(found -> found.getTitle().matches(".*(was|is) blocked.*|.*the block.*"));
    }

    @Test
    void whatOthersHearOfAnAccountOfThePastIsNoBlock() {
        for (String login : List.of("ann", "bob", "cid", "dan")) {
            office(login, 21);
            theft(login, THEFT, 40);
        }

        readAt(TODAY);

        assertThat(world.findingsOf("shared-network"))
                .isNotEmpty()
                .noneMatch(found -> found.getTitle().contains("was blocked"));
    }

    @Test
    void whatWasSentBeforeALateDecisionIsNoGoingOnInSpiteOfIt() {
        office("ann", 21);
        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));
        log.clear();
        world.tell(SubjectKeys.account("ann"), new Input.Tick(TODAY.plus(Duration.ofMinutes(40))));
        theft("ann", TODAY, 100);

        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));

        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.findingsOf("persistence-under-block")).isEmpty();
    }

    @Test
    void guessersOfThePastAreToldToNobody() {
        office("ann", 21);
        for (int guesser = 0; guesser < 40; guesser++) {
            for (int i = 0; i < 30; i++) {
                failure("198.51.100." + (20 + guesser), START.plusSeconds(40_000L * guesser + 5L * i));
            }
        }

        readAt(TODAY);
        world.ticksUpTo(TODAY.plus(Duration.ofDays(2)));

        assertThat(world.findingsOf("guessing-by-address")).isNotEmpty();
        assertThat(world.alerts).isEmpty();
        assertThat(world.puts).isEmpty();
        assertThat(world.states.keySet()).noneMatch(key -> key.startsWith("client_ip:198."));
    }

    @Test
    void severalEpisodesOfSeveralAccountsAreToldTogether() {
        office("ann", 21);
        office("bob", 21);
        theft("ann", THEFT, 40);
        theft("ann", THEFT.plus(Duration.ofDays(6)), 40);
        theft("bob", THEFT.plus(Duration.ofDays(5)), 40);

        readAt(TODAY);
        world.ticksUpTo(TODAY.plus(Duration.ofHours(3)));

        assertThat(world.alerts).hasSize(1);
        assertThat(world.alerts.get(0).getTitle()).contains("2 accounts");
        assertThat(world.alerts.get(0).getDescription())
                .contains("ann on 2026-03-12")
                .contains("ann on 2026-03-18")
                .contains("bob on 2026-03-17");
    }

    @Test
    void whatIsLearntFromOldLogsIsWhatAReplayLearns() {
        office("ann", 21);
        theft("ann", THEFT, 40);
        World replayed = new World();
        inOrder();
        log.forEach(e -> replayed.receives(copy(e, e.getOccurredAt())));

        readAt(TODAY);
        world.ticksUpTo(TODAY.plus(Duration.ofHours(3)));

        SubjectState live = world.stateOf("ann");
        SubjectState past = replayed.stateOf("ann");
        assertThat(live.getOrigins()).isEqualTo(past.getOrigins());
        assertThat(live.getRates()).isEqualTo(past.getRates());
        assertThat(live.getUsual()).isEqualTo(past.getUsual());
        assertThat(live.getMessages()).isEqualTo(past.getMessages());
        assertThat(live.getPast()).isNull();
    }

    @Test
    void aTheftThatBeganTooLongAgoAndGoesOnIsOneIncidentAndBlocked() {
        office("ann", 21);
        Instant began = TODAY.minus(Duration.ofMinutes(100));
        theft("ann", began, 280);

        readAt(TODAY);
        log.clear();
        theft("ann", TODAY, 30);
        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));

        assertThat(world.alerts)
                .extracting(Alert::getIncidentId)
                .containsOnly(world.alerts.get(0).getIncidentId());
        assertThat(world.alerts.get(0).getState()).isEqualTo("FIRING");
        assertThat(world.alerts.get(0).getStartedAt()).isBefore(TODAY.minus(Duration.ofMinutes(80)));
        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.stateOf("ann").getRepeats()).isZero();
    }

    @Test
    void aHostThatIsBehindAddsToAnIncidentThatIsOpenAndBlocksNobody() {
        office("ann", 21);
        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));
        log.clear();
        theft("ann", TODAY, 20);
        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));
        var block = world.blockOf("ann");
        log.clear();
        theft("ann", TODAY.minus(Duration.ofHours(3)), 60);

        readAt(TODAY.plusSeconds(600));

        assertThat(world.blockOf("ann")).isEqualTo(block);
        assertThat(world.stateOf("ann").getPast()).isNull();
        assertThat(world.alerts).extracting(Alert::getIncidentId).containsOnly(block.getIncidentId());
    }

    @Test
    void aBlockOfThePastDoesNotPutBackTheDayOfALaterOne() {
        office("ann", 10);
        log.forEach(e -> world.receives(copy(e, e.getOccurredAt())));
        log.clear();
        long today = EventTime.day(TODAY);
        SubjectState ann = world.stateOf("ann");
        ann.setBlockedDay(today);
        world.kept(ann);
        theft("ann", THEFT, 40);

        readAt(TODAY);

        assertThat(world.stateOf("ann").getPast().getBlock()).isNotNull();
        assertThat(world.stateOf("ann").getBlockedDay()).isEqualTo(today);
    }

    @Test
    void anUnblockForgetsThePastToo() {
        office("ann", 21);
        theft("ann", TODAY.minus(Duration.ofHours(3)), 40);
        readAt(TODAY);

        world.says("unblock", "ann", TODAY.plusSeconds(1), null);
        world.ticksUpTo(TODAY.plus(Duration.ofHours(3)));

        assertThat(world.alerts).isEmpty();
    }

    private void office(String login, int days) {
        for (int day = 0; day < days; day++) {
            for (int i = 0; i < 6; i++) {
                mail(login, World.HOME, START.plusSeconds(86_400L * day + 3000L * i + (login.hashCode() & 255)));
            }
        }
    }

    private void theft(String login, Instant from, int messages) {
        for (int i = 0; i < messages; i++) {
            mail(login, World.BRAZIL, from.plusSeconds(20L * i + 5));
        }
    }

    private void mail(String login, String ip, Instant at) {
        String id = "L" + ++queue;
        log.add(world.event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(login));
        log.add(world.event("queued", at).setQueueId(id).setNrcpt(1L));
    }

    private void failure(String ip, Instant at) {
        log.add(world.event("auth_failed", at).setClientIp(ip).setSaslUsername("nobody" + at.getEpochSecond() % 7));
    }

    /** All of the log in its order, within seconds, as at a first start; the clock goes on meanwhile. */
    private void readAt(Instant read) {
        inOrder();
        int n = 0;
        for (MailEvent.Builder e : log) {
            if (n++ % 100 == 0) {
                world.ticksUpTo(read.plusSeconds(n / 1000));
            }
            world.receives(copy(e, read));
        }
    }

    private void inOrder() {
        log.sort(Comparator.comparing(MailEvent.Builder::getOccurredAt));
    }

    private MailEvent.Builder copy(MailEvent.Builder e, Instant read) {
        return MailEvent.newBuilder(e).setReadAt(read).setPosition(++positions + 10_000_000);
    }
}
