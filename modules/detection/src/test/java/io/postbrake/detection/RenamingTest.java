package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.PastCase;
import io.postbrake.state.SubjectState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What earlier builds kept of one account under two names becomes one account's. */
class RenamingTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String OLD = "sasl_user:straße@example.org";
    private static final String KEY = "sasl_user:strasse@example.org";

    private final SubjectEngine engine = new SubjectEngine(DetectionConfig.defaults());

    @ParameterizedTest
    @CsvSource({
        "sasl_user:straße@example.org, sasl_user:strasse@example.org",
        "sasl_user:οδός, sasl_user:οδόσ",
        "sasl_user:plain@example.org, sasl_user:plain@example.org",
        "client_ip:2001:db8::1, client_ip:2001:db8::1",
        "fleet:all, fleet:all"
    })
    void onlyLoginsHaveAnotherKey(String before, String now) {
        assertThat(SubjectKeys.current(before)).isEqualTo(now);
    }

    @Test
    void anAccountThatIsNewUnderItsNameTakesOverEverything() {
        SubjectState old = blocked(state(OLD, 40), "reject", NOON.plus(Duration.ofHours(24)));

        SubjectOutput out = engine.accept(null, KEY, new Input.Renamed(old));

        assertThat(out.state().getSubjectKey()).isEqualTo(KEY);
        assertThat(out.state().getMessages()).isEqualTo(40);
        assertThat(out.state().getBlockUntil()).isEqualTo(NOON.plus(Duration.ofHours(24)));
        assertThat(out.block()).isInstanceOfSatisfying(SubjectOutput.BlockChange.Put.class, put -> {
            assertThat(put.block().getSubject()).isEqualTo("strasse@example.org");
            assertThat(put.block().getBlockId()).isEqualTo(old.getBlock().getBlockId());
        });
        assertThat(out.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getIncidentId()).isEqualTo(old.getIncident().getIncidentId());
            assertThat(alert.getSubject()).isEqualTo("strasse@example.org");
            assertThat(alert.getState()).isEqualTo("UPDATED");
        });
        assertThat(out.rename()).isEqualTo(new SubjectOutput.Rename.TakesOver(OLD));
        assertThat(out.deadline()).isNotNull();
    }

    @Test
    void ofTwoBlocksTheStricterStands() {
        SubjectState old = blocked(state(OLD, 40), "hold", NOON.plus(Duration.ofHours(1)));
        SubjectState own = blocked(state(KEY, 10), "reject", NOON.plus(Duration.ofHours(2)));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.state().getBlock().getBlockId()).isEqualTo(own.getBlock().getBlockId());
        assertThat(out.state().getMessages()).isEqualTo(40);
        assertThat(out.block()).isInstanceOf(SubjectOutput.BlockChange.None.class);
    }

    @Test
    void aStricterOldBlockIsPutInPlaceOfTheOwn() {
        SubjectState old = blocked(state(OLD, 5), "reject", NOON.plus(Duration.ofHours(24)));
        SubjectState own = blocked(state(KEY, 10), "hold", NOON.plus(Duration.ofHours(1)));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.block()).isInstanceOfSatisfying(SubjectOutput.BlockChange.Put.class, put -> {
            assertThat(put.block().getAction()).isEqualTo("reject");
            assertThat(put.block().getIncidentId()).isEqualTo(own.getIncident().getIncidentId());
        });
        assertThat(out.state().getMessages()).isEqualTo(10);
    }

    @Test
    void ofTwoIncidentsOneGoesOnAndTheOtherIsResolved() {
        SubjectState old = blocked(state(OLD, 40), "hold", NOON.plus(Duration.ofHours(1)));
        SubjectState own = blocked(state(KEY, 10), "reject", NOON.plus(Duration.ofHours(2)));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.state().getIncident().getIncidentId())
                .isEqualTo(own.getIncident().getIncidentId());
        assertThat(out.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getIncidentId()).isEqualTo(old.getIncident().getIncidentId());
            assertThat(alert.getState()).isEqualTo("RESOLVED");
            assertThat(alert.getResolution()).isEqualTo("merged");
        });
        assertThat(out.state().getResolved()).hasSize(1);
    }

    @Test
    void theNewerWordCounts() {
        SubjectState old = state(OLD, 40);
        old.setWord(word("allow", NOON.plusSeconds(5)));
        SubjectState own = state(KEY, 10);
        own.setWord(word("block", NOON));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.state().getWord().getVerb()).isEqualTo("allow");
        assertThat(out.state().getWord().getSubject()).isEqualTo("strasse@example.org");
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "true, true"})
    void noBlockStandsWhereTheNewerWordAllows(boolean ownBlock, boolean oldBlock) {
        SubjectState own = state(KEY, 10);
        SubjectState old = state(OLD, 40);
        if (ownBlock) {
            blocked(own, "hold", NOON.plus(Duration.ofHours(1)));
        }
        if (oldBlock) {
            blocked(old, "reject", NOON.plus(Duration.ofHours(24)));
        }
        (oldBlock ? own : old).setWord(word("allow", NOON));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.state().getBlock()).isNull();
        assertThat(out.state().getWord().getVerb()).isEqualTo("allow");
        assertThat(out.block()).isInstanceOf(SubjectOutput.BlockChange.Lift.class);
        assertThat(out.alerts())
                .last()
                .satisfies(alert -> assertThat(alert.getAction()).isEqualTo("observe"));
    }

    /** Commands of before the upgrade write under the old name, from a terminal that nobody has updated yet. */
    @Test
    void aLiftThatAnOlderToolSaysIsHeardWhereTheBlockIs() {
        SubjectState own = blocked(state(KEY, 40), "reject", NOON.plus(Duration.ofHours(24)));
        SubjectState heard = engine.accept(null, OLD, new Input.Overridden(word("unblock", NOON.plusSeconds(5))))
                .state();

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(heard));

        assertThat(out.block()).isInstanceOf(SubjectOutput.BlockChange.Lift.class);
        assertThat(out.state().getBlock()).isNull();
        assertThat(out.state().getWord()).isNull();
        assertThat(out.state().getSpentUntil()).isEqualTo(NOON.plusSeconds(5));
        assertThat(out.alerts()).last().satisfies(alert -> {
            assertThat(alert.getState()).isEqualTo("RESOLVED");
            assertThat(alert.getResolution()).isEqualTo("unblocked");
            assertThat(alert.getDescription()).contains("postmaster");
        });
    }

    @ParameterizedTest
    @CsvSource({"-30, true", "30, false"})
    void onlyNewerEvidenceOutlivesSuchALift(int secondsOfLift, boolean stands) {
        SubjectState own = blocked(state(KEY, 40), "reject", NOON.plus(Duration.ofHours(24)));
        own.getBlock().setLastEvidenceAt(NOON);
        SubjectState heard = engine.accept(
                        null, OLD, new Input.Overridden(word("unblock", NOON.plusSeconds(secondsOfLift))))
                .state();

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(heard));

        assertThat(out.state().getBlock() != null).isEqualTo(stands);
    }

    @Test
    void aNewerWordOfItsOwnStandsAfterSuchALift() {
        SubjectState own = state(KEY, 40);
        own.setWord(word("block", NOON.plusSeconds(9)));
        SubjectState heard = engine.accept(null, OLD, new Input.Overridden(word("unblock", NOON.plusSeconds(5))))
                .state();

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(heard));

        assertThat(out.state().getWord().getVerb()).isEqualTo("block");
        assertThat(out.state().getSpentUntil()).isEqualTo(NOON.plusSeconds(5));
    }

    @Test
    void aBlockIsCarriedWhereTheWordThatAllowedIsOver() {
        SubjectState own = state(KEY, 10);
        own.setWord(word("allow", NOON.minusSeconds(60)));
        own.getWord().setEndsAt(NOON.minusSeconds(1));
        SubjectState old = blocked(state(OLD, 40), "reject", NOON.plus(Duration.ofHours(24)));

        SubjectOutput out = engine.accept(own, KEY, new Input.Renamed(old));

        assertThat(out.block()).isInstanceOf(SubjectOutput.BlockChange.Put.class);
    }

    @Test
    void whatTheBlockAndTheBrakeWentByIsCarriedWithIt() {
        SubjectState old = blocked(state(OLD, 5), "hold", NOON.plus(Duration.ofHours(1)));
        old.setSteady(7);
        old.setBrakedAt(NOON.minusSeconds(30));
        SubjectState own = state(KEY, 10);
        own.setBrakedAt(NOON.minusSeconds(90));

        SubjectState joined = engine.accept(own, KEY, new Input.Renamed(old)).state();

        assertThat(joined.getSteady()).isEqualTo(7);
        assertThat(joined.getBrakedAt()).isEqualTo(NOON.minusSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({"false, 5", "true, 5", "false, 40"})
    void aCaseOfThePastGoesOnUnderTheNewName(boolean ownPast, long messages) {
        SubjectState old = blocked(state(OLD, messages), "hold", NOON.plus(Duration.ofHours(1)));
        old.setPast(PastCase.newBuilder()
                .setDueAt(NOON.plusSeconds(60))
                .setIncident(old.getIncident())
                .build());
        old.setIncident(null);
        old.setBlock(null);
        old.setBlockUntil(null);
        SubjectState own = state(KEY, 10);
        own.setPast(
                ownPast ? PastCase.newBuilder().setDueAt(NOON.plusSeconds(90)).build() : null);

        SubjectState joined = engine.accept(own, KEY, new Input.Renamed(old)).state();

        assertThat(joined.getPast().getIncident().getSubject()).isEqualTo("strasse@example.org");
        assertThat(joined.getPast().getDueAt()).isEqualTo(NOON.plusSeconds(60));
    }

    @Test
    void aBlockThatIsOverIsNotBegunAnew() {
        SubjectState old = blocked(state(OLD, 40), "reject", NOON.minusSeconds(1));

        SubjectOutput out = engine.accept(null, KEY, new Input.Renamed(old));

        assertThat(out.state().getBlock()).isNull();
        assertThat(out.block()).isInstanceOf(SubjectOutput.BlockChange.Lift.class);
    }

    private static SubjectState state(String key, long messages) {
        SubjectState state = SubjectState.newBuilder()
                .setSubjectKey(key)
                .setMessages(messages)
                .setFirstSeenAt(NOON.minus(Duration.ofDays(9)))
                .setLastSeenAt(NOON)
                .build();
        state.setLastTickAt(NOON);
        return state;
    }

    private static SubjectState blocked(SubjectState state, String action, Instant until) {
        UUID incident = UUID.nameUUIDFromBytes(("incident" + state.getSubjectKey()).getBytes(StandardCharsets.UTF_8));
        UUID block = UUID.nameUUIDFromBytes(("block" + state.getSubjectKey()).getBytes(StandardCharsets.UTF_8));
        String login = SubjectKeys.bare(state.getSubjectKey());
        state.setIncident(Alert.newBuilder()
                .setIncidentId(incident)
                .setSubject(login)
                .setSubjectType("sasl_user")
                .setState("FIRING")
                .setSeverity("critical")
                .setTitle("")
                .setDescription("")
                .setScore(0.9)
                .setStartedAt(NOON.minusSeconds(60))
                .setUpdatedAt(NOON)
                .setAction(action)
                .setTechnique("")
                .setRunbook("")
                .build());
        state.setBlock(Block.newBuilder()
                .setBlockId(block)
                .setSubject(login)
                .setSubjectType("sasl_user")
                .setReference("k7f2")
                .setAction(action)
                .setReason("")
                .setScore(0.9)
                .setIncidentId(incident)
                .setDecidedAt(NOON.minusSeconds(60))
                .setLastEvidenceAt(NOON.minusSeconds(60))
                .setEndsAt(until)
                .build());
        state.setBlockUntil(until);
        state.setActiveAt(NOON);
        state.setBlocks(1);
        return state;
    }

    private static OperatorOverride word(String verb, Instant at) {
        return OperatorOverride.newBuilder()
                .setSubject("any")
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("postmaster")
                .setReason("test")
                .setAt(at)
                .build();
    }
}
