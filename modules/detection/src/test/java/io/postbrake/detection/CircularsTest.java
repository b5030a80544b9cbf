package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A circular that was held and came to nothing is learnt: its next issue passes. What a thief sent, or may have sent, is not. */
class CircularsTest {
    private static final String LISTS = "lists@example.com";
    private static final Instant T = Instant.parse("2026-03-20T10:00:00Z");
    private static final Duration MONTH = Duration.ofDays(31);
    private static final int MEMBERS = 1600;

    private final World world = new World().quick();
    private Kind kind = Kind.LIST;
    private int messages;

    /** Circulars of several kinds. */
    enum Kind {
        /** A list server, one message a member, at the pace of its queue. */
        LIST,
        /** The same with a sender for each recipient. */
        VERP,
        /** A club's secretary, whose program sends twenty to a message. */
        SECRETARY,
        /** A shop whose application sends a bill to each customer, over hours. */
        BILLS
    }

    @BeforeEach
    void theAccountHasAHistory() {
        days(T.minus(Duration.ofDays(12)), 12);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theNextIssueOfOneWhoseHoldRanOutPasses(Kind of) {
        kind = of;
        issue(T, World.HOME, MEMBERS);
        assertThat(world.puts).as("it is held the first time").isNotEmpty();
        untilTheNext();

        issue(T.plus(MONTH), World.HOME, MEMBERS + MEMBERS / 10);

        assertThat(world.puts).extracting(Block::getAction).containsOnly("hold");
        assertThat(world.puts).extracting(Block::getDecidedAt).allMatch(at -> at.isBefore(T.plus(MONTH)));
        assertThat(world.alerts).allMatch(alert -> alert.getStartedAt().isBefore(T.plus(MONTH)));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void soDoesThatOfOneThatAnOperatorReleased(Kind of) {
        kind = of;
        issue(T, World.HOME, MEMBERS);
        Block hold = world.blockOf(LISTS);
        assertThat(hold.getAction()).isEqualTo("hold");
        world.says("unblock", LISTS, T.plus(Duration.ofHours(7)), null);
        untilTheNext();

        issue(T.plus(MONTH), World.HOME, MEMBERS + MEMBERS / 10);

        assertThat(world.puts).extracting(Block::getDecidedAt).allMatch(at -> at.isBefore(T.plus(MONTH)));
    }

    @Test
    void andTheRestOfAnIssueThatIsReleasedWhileItGoesOn() {
        issue(T, World.HOME, 1200);
        world.says("unblock", LISTS, T.plusSeconds(900), null);
        int held = world.puts.size();

        issue(T.plusSeconds(1000), World.HOME, 1200);

        assertThat(world.puts).hasSize(held);
    }

    @Test
    void aMonthlyOnePassesEachMonth() {
        issue(T, World.HOME, MEMBERS);
        untilTheNext();
        for (int month = 1; month < 4; month++) {
            issue(T.plus(MONTH.multipliedBy(month)), World.HOME, MEMBERS);
            days(T.plus(MONTH.multipliedBy(month)).plus(Duration.ofDays(1)), 20);
            world.ticksUpTo(T.plus(MONTH.multipliedBy(month + 1)).minusSeconds(1));
        }

        assertThat(world.puts).extracting(Block::getDecidedAt).allMatch(at -> at.isBefore(T.plus(MONTH)));
    }

    @Test
    void oneThatIsTwiceAsLargeIsHeldAgain() {
        issue(T, World.HOME, MEMBERS);
        untilTheNext();

        issue(T.plus(MONTH), World.HOME, 2 * MEMBERS);

        assertThat(world.puts).extracting(Block::getDecidedAt).anyMatch(at -> !at.isBefore(T.plus(MONTH)));
    }

    @Test
    void anotherOneOnTheNextDayIsHeld() {
        issue(T, World.HOME, MEMBERS);
        world.ticksUpTo(T.plus(Duration.ofHours(20)));

        issue(T.plus(Duration.ofDays(1)), World.HOME, MEMBERS);

        assertThat(world.puts).extracting(Block::getDecidedAt).anyMatch(at -> at.isAfter(T.plus(Duration.ofDays(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {World.BRAZIL, World.SPAIN})
    void aThiefElsewhereIsNotExcusedByTheOwnersCircular(String elsewhere) {
        issue(T, World.HOME, MEMBERS);
        untilTheNext();

        issue(T.plus(MONTH), elsewhere, 200);

        assertThat(world.puts).extracting(Block::getAction).contains("reject");
    }

    @Test
    void neitherIsOneWhoSendsBesideIt() {
        issue(T, World.HOME, MEMBERS);
        untilTheNext();
        issue(T.plus(MONTH), World.BRAZIL, 5);

        issue(T.plus(MONTH).plusSeconds(600), World.HOME, MEMBERS);

        assertThat(world.puts).extracting(Block::getDecidedAt).anyMatch(at -> !at.isBefore(T.plus(MONTH)));
    }

    @Test
    void whatComesBackIsNotLearnt() {
        for (int i = 0; i < MEMBERS; i++) {
            Instant at = T.plusMillis(700L * i);
            String id = sent(World.HOME, at, 1);
            world.receives(world.event("delivery", at)
                    .setQueueId(id)
                    .setStatus(i % 14 == 0 ? "bounced" : "sent")
                    .setRelay("mx.example.net[192.0.2.99]:25"));
        }
        untilTheNext();

        issue(T.plus(MONTH), World.HOME, MEMBERS);

        assertThat(world.puts).extracting(Block::getDecidedAt).anyMatch(at -> !at.isBefore(T.plus(MONTH)));
    }

    @Test
    void whatAnOperatorDeletedIsNotLearnt() {
        issue(T, World.HOME, MEMBERS);
        world.says("unblock", LISTS, T.plus(Duration.ofHours(7)), null);
        world.tell(
                SubjectKeys.account(LISTS),
                new Input.Waiting(EnforcementReport.newBuilder()
                        .setHostId("mx1")
                        .setKind("queue")
                        .setAt(T.plus(Duration.ofHours(7)))
                        .setSubject(LISTS)
                        .setSubjectType("sasl_user")
                        .setDeleted(600)
                        .build()));
        untilTheNext();

        issue(T.plus(MONTH), World.HOME, MEMBERS);

        assertThat(world.puts).extracting(Block::getDecidedAt).anyMatch(at -> !at.isBefore(T.plus(MONTH)));
    }

    @Test
    void whatAThiefSendsFromASharedFrontEndIsNotLearnt() {
        String webmail = "172.22.1.248";
        for (int day = 12; day >= 1; day--) {
            for (int user = 0; user < 8; user++) {
                world.sends(
                        "user" + user, webmail, T.minus(Duration.ofDays(day)).plusSeconds(60L * user));
            }
        }
        Instant night = T.plus(Duration.ofHours(17));
        for (int i = 0; i < 90; i++) {
            world.sends("user3", webmail, night.plusSeconds(4L * i));
        }
        assertThat(world.blockOf("user3").getAction()).isEqualTo("hold");

        world.ticksUpTo(night.plus(Duration.ofDays(1)));

        assertThat(world.stateOf("user3").getCircular()).isNull();
    }

    private void untilTheNext() {
        world.ticksUpTo(T.plus(Duration.ofHours(23)));
        assertThat(world.blocks).isEmpty();
        days(T.plus(Duration.ofDays(1)), 28);
        world.ticksUpTo(T.plus(MONTH).minusSeconds(1));
    }

    private void days(Instant from, int days) {
        for (int day = 0; day < days; day++) {
            for (int i = 0; i < 20; i++) {
                sent(World.HOME, from.plus(Duration.ofDays(day)).plusSeconds(400L * i), 1);
            }
        }
    }

    private void issue(Instant from, String ip, int members) {
        int each = kind == Kind.SECRETARY ? 20 : 1;
        long pace = kind == Kind.BILLS ? 3000 : kind == Kind.SECRETARY ? 2000 : 700;
        for (int i = 0; i < (kind == Kind.SECRETARY ? members / 4 : members) / each; i++) {
            sent(ip, from.plusMillis(pace * i), each);
        }
        if (kind == Kind.SECRETARY) {
            for (int i = 0; i < members * 3 / 4; i++) {
                sent(ip, from.plusMillis(2000L * (members / 80 + i)), 1);
            }
        }
    }

    /** Accepted, or held while a block is in force, as a host does that has it. */
    private String sent(String ip, Instant at, long recipients) {
        world.ticksUpTo(at);
        String id = "B" + ++messages;
        Block block = world.blockOf(LISTS);
        world.receives(world.event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(LISTS));
        world.receives(world.event(block == null ? "queued" : "held", at)
                .setQueueId(id)
                .setFrom(kind == Kind.VERP ? "news+member" + messages % MEMBERS + "@lists.example.com" : LISTS)
                .setBlockRef(block == null ? null : block.getReference())
                .setNrcpt(recipients));
        return id;
    }
}
