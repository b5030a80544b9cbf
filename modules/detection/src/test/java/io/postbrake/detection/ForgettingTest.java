package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An operator has all forgotten that is known of a subject. */
class ForgettingTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final Instant LATER = T.plus(Duration.ofDays(20));
    private static final String KEY = SubjectKeys.account("ann");

    private final World world = new World();

    @Test
    void nothingIsKeptButTheMoment() {
        history();

        forget(LATER);

        SubjectState blank = SubjectState.newBuilder()
                .setSubjectKey(KEY)
                .setLastSeenAt(LATER)
                .setSpentUntil(LATER)
                .setForgottenAt(LATER)
                .setLastTickAt(world.stateOf("ann").getLastTickAt())
                .build();
        assertThat(world.stateOf("ann")).isEqualTo(blank);
    }

    @Test
    void aNewMessageBeginsAFreshHistory() {
        history();
        forget(LATER);

        world.sends("ann", World.SPAIN, LATER.plusSeconds(60));

        SubjectState fresh = world.stateOf("ann");
        assertThat(fresh.getMessages()).isEqualTo(1);
        assertThat(fresh.getFirstSeenAt()).isEqualTo(LATER.plusSeconds(60));
        assertThat(fresh.getUsual()).extracting(c -> c.getCode()).containsExactly("ES");
    }

    @Test
    void whatIsOlderAndComesLaterBringsNothingBack() {
        forget(LATER);

        world.sends("ann", World.HOME, LATER.minusSeconds(5));
        world.fails("ann", World.BRAZIL, LATER.minusSeconds(4));
        world.tell(KEY, new Input.Seed(learnt(LATER.minusSeconds(1))));

        assertThat(world.stateOf("ann").getMessages()).isZero();
        assertThat(world.stateOf("ann").getFirstSeenAt()).isNull();
        assertThat(world.stateOf("ann").getPeers()).isEmpty();
    }

    @Test
    void whatIsLearntFromLogsThatGoOnAfterwardsIsTaken() {
        forget(LATER);

        world.tell(KEY, new Input.Seed(learnt(LATER.plusSeconds(1))));

        assertThat(world.stateOf("ann").getMessages()).isPositive();
        assertThat(world.stateOf("ann").getForgottenAt()).isEqualTo(LATER);
    }

    @Test
    void theMomentGoesWhenNothingOlderCanComeAnyMore() {
        history();
        forget(LATER);
        assertThat(world.deadlines.get(KEY)).isEqualTo(LATER.plus(Duration.ofDays(35)));

        world.tick(KEY, LATER.plus(Duration.ofDays(35)));

        assertThat(world.stateOf("ann")).isNull();
    }

    @Test
    void whoIsBlockedStaysBlockedAndKnown() {
        history();
        world.tell(KEY, new Input.ForeignFinding(opinion(0.95, LATER)));
        assertThat(world.blockOf("ann")).isNotNull();
        SubjectState before = world.stateOf("ann");

        forget(LATER.plusSeconds(10));

        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.stateOf("ann").getMessages()).isEqualTo(before.getMessages());
        assertThat(world.stateOf("ann").getForgottenAt()).isNull();
    }

    @Test
    void anOperatorsBlockStandsInTheWayToo() {
        history();
        world.says("block", "ann", LATER, null);

        forget(LATER.plusSeconds(10));

        assertThat(world.stateOf("ann").getMessages()).isPositive();
    }

    @Test
    void aBlockThatEndedBeforeIsNone() {
        history();
        world.tell(KEY, new Input.ForeignFinding(opinion(0.95, LATER)));
        Instant end = world.blockOf("ann").getEndsAt();

        forget(end.plusSeconds(1));

        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.stateOf("ann").getMessages()).isZero();
    }

    @Test
    void anOpenIncidentEndsAndAllItsAlertsGo() {
        world.tell(KEY, new Input.ForeignFinding(opinion(0.4, LATER)));
        assertThat(world.alertStates()).containsExactly("FIRING");

        forget(LATER.plusSeconds(10));

        Alert last = world.alerts.get(1);
        assertThat(last.getState()).isEqualTo("RESOLVED");
        assertThat(last.getResolution()).isEqualTo("forgotten");
        assertThat(last.getResolvedBy()).isEqualTo("eve@mx1");
        assertThat(world.forgotten).containsExactly(last.getIncidentId().toString());
    }

    @Test
    void anAllowanceEndsWithTheRest() {
        world.says("allow", "ann", LATER, null);

        forget(LATER.plusSeconds(10));

        assertThat(world.stateOf("ann").getWord()).isNull();
    }

    @Test
    void itIsTheSameOverARestartAndWhenItIsReadTwice() {
        history();
        forget(LATER);
        World resumed = world.restarted();
        SubjectState before = resumed.stateOf("ann");

        resumed.tell(KEY, new Input.Forget(word("sasl_user", "ann", LATER)));
        resumed.sends("ann", World.HOME, LATER.minusSeconds(5));

        assertThat(resumed.stateOf("ann").getMessages()).isZero();
        assertThat(resumed.stateOf("ann").getForgottenAt()).isEqualTo(before.getForgottenAt());
    }

    @Test
    void anAddressAndItsNetworkAreForgottenAlike() {
        for (int i = 0; i < 4; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        String address = SubjectKeys.client(World.BRAZIL);
        String network = "client_net:198.51.100.0/24";
        assertThat(world.states.get(address).getPeers()).isNotEmpty();
        assertThat(world.states.get(network).getPeers()).isNotEmpty();

        world.tell(address, new Input.Forget(word("client_ip", World.BRAZIL, T.plusSeconds(60))));
        world.tell(network, new Input.Forget(word("client_net", "198.51.100.0/24", T.plusSeconds(60))));

        assertThat(world.states.get(address).getPeers()).isEmpty();
        assertThat(world.states.get(network).getPeers()).isEmpty();
        assertThat(world.states.get(network).getForgottenAt()).isEqualTo(T.plusSeconds(60));
    }

    @Test
    void whatIsOlderAndIsToldToANetworkLaterBringsNothingBack() {
        String network = "client_net:198.51.100.0/24";
        world.tell(network, new Input.Forget(word("client_net", "198.51.100.0/24", LATER)));

        world.tell(network, new Input.Notified(newcomer(network, LATER.minusSeconds(5))));

        assertThat(world.states.get(network).getNewcomers()).isEmpty();

        world.tell(network, new Input.Notified(newcomer(network, LATER.plusSeconds(5))));

        assertThat(world.states.get(network).getNewcomers()).hasSize(1);
    }

    private static Notice newcomer(String network, Instant at) {
        return new Notice.NewNetworkSeen(new UUID(8, at.toEpochMilli()), KEY, network, at, null, null, false);
    }

    private void history() {
        for (int day = 0; day < 10; day++) {
            world.sends("ann", World.HOME, T.plus(Duration.ofDays(day)));
        }
        assertThat(world.stateOf("ann").getMessages()).isEqualTo(10);
    }

    private SubjectState learnt(Instant until) {
        World old = new World();
        for (int day = 0; day < 10; day++) {
            old.sends("ann", World.HOME, T.plus(Duration.ofDays(day)));
        }
        return ProfileSeeding.profile(old.stateOf("ann"), until);
    }

    private void forget(Instant at) {
        world.tell(KEY, new Input.Forget(word("sasl_user", "ann", at)));
    }

    private static OperatorOverride word(String type, String name, Instant at) {
        return new OperatorOverride(name, type, "forget", null, "eve@mx1", "she asked", at, null);
    }

    private static Finding opinion(double score, Instant at) {
        return Finding.newBuilder()
                .setFindingId(new UUID(7, at.toEpochMilli()))
                .setSubject("ann")
                .setSubjectType("sasl_user")
                .setDetector("one")
                .setScore(score)
                .setTitle("Something was seen")
                .setOccurredAt(at)
                .setOriginSubject("client_ip:192.0.2.1")
                .build();
    }
}
