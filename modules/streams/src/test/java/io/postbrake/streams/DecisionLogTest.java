package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the service's own log says of decisions. */
class DecisionLogTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ANN = "sasl_user:ann@example.org";
    private static final Input TICK = new Input.Tick(NOON);

    @Test
    void aNewBlockSaysWhoWhatUntilWhenAndWhy() {
        List<String> lines = DecisionLog.lines(ANN, null, TICK, put("reject", "11 messages in 5 min"));

        assertThat(lines)
                .containsExactly(
                        "block: reject " + ANN + " until 2026-03-02T12:00:00Z [pb:k7f2]: 11 messages in 5 min");
    }

    @Test
    void aBlockThatOnlyLastsLongerIsNoDecision() {
        assertThat(DecisionLog.lines(ANN, "reject", TICK, put("reject", "again")))
                .isEmpty();
    }

    @Test
    void aBlockThatGrowsSaysFromWhat() {
        assertThat(DecisionLog.lines(ANN, "hold", TICK, put("reject", "more")))
                .singleElement()
                .asString()
                .startsWith("block grows from hold: reject " + ANN);
    }

    @Test
    void theEndOfABlockSaysWhoseDoingItWas() {
        var lift = outputs(new SubjectOutput.BlockChange.Lift(), List.of());

        List<String> ended = DecisionLog.lines(ANN, "hold", TICK, lift);
        List<String> lifted = DecisionLog.lines(ANN, "hold", new Input.Overridden(word("unblock", "it was her")), lift);

        assertThat(ended).containsExactly("block lifted: " + ANN + ", its end came");
        assertThat(lifted)
                .containsExactly(
                        "operator anna@mx1: unblock " + ANN + ": it was her",
                        "block lifted: " + ANN + ", by operator anna@mx1");
    }

    @Test
    void anIncidentIsToldWhenItOpensAndWhenItIsOver() {
        assertThat(DecisionLog.lines(
                        ANN,
                        null,
                        TICK,
                        outputs(new SubjectOutput.BlockChange.None(), List.of(alert("FIRING", "Stolen")))))
                .containsExactly("incident: critical " + ANN + ": Stolen");
        assertThat(DecisionLog.lines(
                        ANN,
                        null,
                        TICK,
                        outputs(new SubjectOutput.BlockChange.None(), List.of(alert("UPDATED", "Stolen")))))
                .isEmpty();
        assertThat(DecisionLog.lines(
                        ANN,
                        null,
                        TICK,
                        outputs(new SubjectOutput.BlockChange.None(), List.of(alert("RESOLVED", "Stolen")))))
                .containsExactly("incident over: critical " + ANN);
    }

    @Test
    void nobodysTextBeginsAnotherLineOrSteersATerminal() {
        String hostile = "x\n2026-03-01 INFO block lifted: all\r\u001b[2J\u202egpj\u2028" + "y".repeat(1000);

        List<String> lines = DecisionLog.lines(
                "sasl_user:" + hostile, null, new Input.Overridden(word("unblock", hostile)), put("hold", hostile));

        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .hasSizeLessThan(900)
                        .matches("[\\p{Print}]*")
                        .doesNotContain("\n", "\r"));
    }

    private static OperatorOverride word(String verb, String reason) {
        return OperatorOverride.newBuilder()
                .setSubject("ann@example.org")
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("anna@mx1")
                .setReason(reason)
                .setAt(NOON)
                .build();
    }

    private static SubjectOutput put(String action, String reason) {
        return outputs(
                new SubjectOutput.BlockChange.Put(Block.newBuilder()
                        .setBlockId(UUID.randomUUID())
                        .setSubject("ann@example.org")
                        .setSubjectType("sasl_user")
                        .setReference("k7f2")
                        .setAction(action)
                        .setReason(reason)
                        .setScore(0.9)
                        .setIncidentId(UUID.randomUUID())
                        .setDecidedAt(NOON)
                        .setLastEvidenceAt(NOON)
                        .setEndsAt(NOON.plusSeconds(86_400))
                        .build()),
                List.of());
    }

    private static SubjectOutput outputs(SubjectOutput.BlockChange block, List<Alert> alerts) {
        return new SubjectOutput(null, List.of(), alerts, List.of(), block, null);
    }

    private static Alert alert(String state, String title) {
        return Alert.newBuilder()
                .setIncidentId(UUID.randomUUID())
                .setSubject("ann@example.org")
                .setSubjectType("sasl_user")
                .setState(state)
                .setSeverity("critical")
                .setTitle(title)
                .setDescription("")
                .setScore(0.9)
                .setDetectors(List.of())
                .setStartedAt(NOON)
                .setUpdatedAt(NOON)
                .setAction("reject")
                .setEvidence(List.of())
                .setConfirmedHosts(List.of())
                .setTechnique("")
                .setRevision(1)
                .build();
    }
}
