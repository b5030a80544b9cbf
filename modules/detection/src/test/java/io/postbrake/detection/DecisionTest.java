package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.KnownCountry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecisionTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String KEY = SubjectKeys.account("ann");

    private final World world = new World();

    @Test
    void aBlockEndsByTicksAloneAndTheIncidentWithIt() {
        Block block = blocked(T);

        world.tick(KEY, block.getEndsAt().minusMillis(1));
        assertThat(world.blockOf("ann")).isEqualTo(block);
        assertThat(world.deadlines.get(KEY)).isEqualTo(block.getEndsAt());
        world.tick(KEY, block.getEndsAt());

        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.alertStates()).containsExactly("FIRING", "RESOLVED");
        assertThat(world.alerts).extracting(Alert::getIncidentId).containsOnly(block.getIncidentId());
    }

    @Test
    void refusalsAreNotQuiet() {
        Block block = blocked(T);
        Instant late = block.getEndsAt().minusSeconds(60);

        world.refuses("ann", World.BRAZIL, late, "mx1", block.getReference());
        world.tick(KEY, block.getEndsAt());

        assertThat(world.blockOf("ann").getEndsAt()).isEqualTo(late.plus(Duration.ofHours(24)));
        assertThat(world.blockOf("ann").getReference()).isEqualTo(block.getReference());
    }

    @Test
    void aHostConfirmsOnceAndOnlyByTheBlocksReference() {
        Block block = blocked(T);
        int before = world.alerts.size();

        world.refuses("ann", World.BRAZIL, T.plusSeconds(5), "mx2", "PB-other");
        world.refuses("ann", World.BRAZIL, T.plusSeconds(6), "mx2", block.getReference());
        world.refuses("ann", World.BRAZIL, T.plusSeconds(7), "mx2", block.getReference());

        assertThat(world.alerts).hasSize(before + 1);
        Alert told = world.alerts.get(before);
        assertThat(told.getState()).isEqualTo("UPDATED");
        assertThat(told.getConfirmedHosts())
                .singleElement()
                .satisfies(h -> assertThat(h.getHostId()).isEqualTo("mx2"));
    }

    @Test
    void aHoldThatNamesTheBlockConfirmsItToo() {
        world.tell(KEY, new Input.ForeignFinding(opinion("one", 0.6, T, false)));

        world.receives(world.event("held", T.plusSeconds(5))
                .setClientIp(World.BRAZIL)
                .setSaslUsername("Ann")
                .setBlockRef(world.blockOf("ann").getReference()));

        assertThat(world.alertStates()).containsExactly("FIRING", "UPDATED");
        assertThat(world.alerts.get(1).getConfirmedHosts()).hasSize(1);
    }

    @Test
    void oldFindingsAreHistory() {
        world.sends("ann", World.HOME, T.minusSeconds(9000));
        world.tick(KEY, T);

        world.tell(KEY, new Input.ForeignFinding(certain(T.minusSeconds(3601), 1)));
        world.ticksUpTo(T.plusSeconds(3600));

        assertThat(world.alertStates()).containsExactly("RESOLVED");
        assertThat(world.puts).isEmpty();
    }

    @Test
    void theDecisionIsNotEarlierThanTheLastTick() {
        world.tell(KEY, new Input.ForeignFinding(certain(T.minusSeconds(10), 1)));
        world.tick(KEY, T);

        world.tell(KEY, new Input.ForeignFinding(certain(T.minusSeconds(5), 2)));

        assertThat(world.alerts.get(0).getUpdatedAt()).isEqualTo(T.minusSeconds(10));
        world.says("unblock", "ann", T.minusSeconds(1), null);
        world.tell(KEY, new Input.ForeignFinding(certain(T.minusMillis(500), 3)));
        assertThat(world.blockOf("ann").getDecidedAt()).isEqualTo(T);
        assertThat(world.blockOf("ann").getEndsAt()).isEqualTo(T.plus(Duration.ofHours(24)));
    }

    @Test
    void unblockSpendsEarlierEvidenceAndOnlyNewerCanBlock() {
        for (int i = 0; i < 60; i++) {
            world.sends("ann", World.HOME, T.plusSeconds(i));
        }
        assertThat(world.blockOf("ann")).isNotNull();
        Instant said = T.plusSeconds(100);
        world.says("unblock", "ann", said, null);
        assertThat(world.blockOf("ann")).isNull();

        world.sends("ann", World.HOME, said.minusSeconds(1));
        world.sends("ann", World.HOME, said.plusSeconds(60));
        assertThat(world.blockOf("ann")).isNull();
        for (int i = 0; i < 50; i++) {
            world.sends("ann", World.HOME, said.plusSeconds(70 + i));
        }

        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void allowLiftsAndPreventsWhileItLastsButFindingsGoOn() {
        blocked(T);
        world.says("allow", "ann", T.plusSeconds(10), T.plusSeconds(1000));
        assertThat(world.blockOf("ann")).isNull();

        world.tell(KEY, new Input.ForeignFinding(certain(T.plusSeconds(900), 2)));
        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.stateOf("ann").getFindings()).isNotEmpty();
        world.tell(KEY, new Input.ForeignFinding(certain(T.plusSeconds(1001), 3)));

        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void mailThatIsReadLateIsHistory() {
        for (int i = 0; i < 60; i++) {
            Instant at = T.plusSeconds(i);
            Instant read = T.plusSeconds(7200);
            world.receives(world.event("client", at)
                    .setReadAt(read)
                    .setQueueId("A" + i)
                    .setSaslUsername("ann"));
            world.receives(world.event("queued", at)
                    .setReadAt(read)
                    .setQueueId("A" + i)
                    .setNrcpt(1L));
        }

        world.ticksUpTo(T.plusSeconds(10_000));

        assertThat(world.alerts).extracting(Alert::getResolution).containsExactly("history");
        assertThat(world.puts).isEmpty();
    }

    @Test
    void doubtThatGrowsEscalatesTheSameBlock() {
        world.tell(KEY, new Input.ForeignFinding(opinion("one", 0.6, T, false)));
        Block held = world.blockOf("ann");

        world.tell(KEY, new Input.ForeignFinding(opinion("two", 0.004, T.plusSeconds(60), false)));

        assertThat(held.getAction()).isEqualTo("hold");
        assertThat(world.blockOf("ann").getAction()).isEqualTo("defer");
        assertThat(world.blockOf("ann").getBlockId()).isEqualTo(held.getBlockId());
        assertThat(world.blockOf("ann").getReference()).isEqualTo(held.getReference());
        assertThat(world.alertStates()).containsExactly("FIRING", "UPDATED");
    }

    @Test
    void anObservationDoesNotRenewABlockThatEnded() {
        world.tell(KEY, new Input.ForeignFinding(opinion("one", 0.6, T, false)));
        world.tick(KEY, T.plusSeconds(3600));
        assertThat(world.blockOf("ann")).isNull();

        world.tell(KEY, new Input.ForeignFinding(opinion("two", 0.9, T.plusSeconds(3700), true)));
        assertThat(world.blockOf("ann")).isNull();
        world.tell(KEY, new Input.ForeignFinding(opinion("three", 0.0012, T.plusSeconds(3800), false)));

        assertThat(world.blockOf("ann").getAction()).isEqualTo("hold");
        assertThat(world.puts).extracting(Block::getBlockId).doesNotHaveDuplicates();
    }

    @Test
    void oneOpinionIsToldOnceHoweverManyMessagesRepeatIt() {
        for (int i = 0; i < 5; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        for (int i = 0; i < 40; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(60 + i));
        }

        assertThat(world.findingsOf("success-after-guessing")).hasSize(1);
        assertThat(world.alertStates().stream().filter("FIRING"::equals)).hasSize(1);
    }

    @Test
    void whereTheThiefSentFromDoesNotBecomeNormal() {
        for (int i = 0; i < 3; i++) {
            world.sends("ann", World.HOME, T.plusSeconds(600L * i));
        }
        for (int i = 0; i < 60; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(7200 + i));
        }

        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.stateOf("ann").getUsual())
                .extracting(KnownCountry::getCode)
                .containsExactly("DE");
    }

    @Test
    void theSameInputGivesTheSameOutput() {
        blocked(T);
        World again = new World();
        again.tell(KEY, new Input.ForeignFinding(certain(T, 1)));

        assertThat(again.alerts).isNotEmpty().hasToString(world.alerts.toString());
        assertThat(again.puts).isNotEmpty().hasToString(world.puts.toString());
        assertThat(again.states).hasToString(world.states.toString());
    }

    @Test
    void silentSubjectsAreForgotten() {
        world.sends("ann", World.HOME, T);
        assertThat(world.deadlines.get(KEY)).isEqualTo(T.plus(Duration.ofDays(90)));

        world.tick(SubjectKeys.client(World.HOME), T.plus(Duration.ofDays(3)));
        world.tick(SubjectKeys.CLIENT_NET + ":192.0.2.0/24", T.plus(Duration.ofDays(30)));
        world.tick(KEY, T.plus(Duration.ofDays(90)));

        assertThat(world.states.keySet()).containsExactly(SubjectKeys.FLEET);
    }

    @Test
    void stateStaysBounded() {
        world.quick();
        for (int i = 0; i < 3000; i++) {
            Instant at = T.plusSeconds(40L * i);
            world.sends("ann", i % 2 == 0 ? World.HOME : World.BRAZIL, at);
            world.fails("ann", "198.51.100." + (i % 250), at);
        }

        var state = world.stateOf("ann");
        assertThat(state.getIncident().getEvidence()).hasSizeLessThanOrEqualTo(20);
        assertThat(state.getMinutes()).hasSizeBetween(60, 62);
        assertThat(state.getHours()).hasSizeBetween(24, 26);
        assertThat(state.getPeers()).hasSizeLessThanOrEqualTo(20);
        assertThat(state.getFindings()).hasSizeLessThanOrEqualTo(20);
        assertThat(state.getRates()).hasSize(3);
    }

    @Test
    void badConfigurationNamesKeyValueAndWhatIsRight() {
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("detectors.velocity-ceiling.messages-per-hour", "many")))
                .hasMessageContaining("detectors.velocity-ceiling.messages-per-hour")
                .hasMessageContaining("'many'")
                .hasMessageContaining("whole number");
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("risk", Map.of("hold", 0.95))))
                .hasMessageContaining("risk.defer");
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("detectors", Map.of("velocity-ceilling", Map.of("x", 1)))))
                .hasMessageContaining("detectors.velocity-ceilling.x");
        assertThat(DetectionConfig.of(Map.of("block", Map.of("ttl", Map.of("hold", "30m"))))
                        .block()
                        .hold())
                .isEqualTo(Duration.ofMinutes(30));
    }

    private Block blocked(Instant at) {
        world.tell(KEY, new Input.ForeignFinding(certain(at, 1)));
        return world.blockOf("ann");
    }

    private static Finding certain(Instant at, int number) {
        return Finding.newBuilder(opinion("test", 0.95, at, false))
                .setFindingId(StableIds.of("test", number))
                .build();
    }

    private static Finding opinion(String detector, double score, Instant at, boolean observeOnly) {
        return Finding.newBuilder()
                .setFindingId(StableIds.of(detector))
                .setSubject("ann")
                .setSubjectType("sasl_user")
                .setDetector(detector)
                .setScore(score)
                .setObserveOnly(observeOnly)
                .setTitle("Opinion of " + detector)
                .setOccurredAt(at)
                .build();
    }
}
