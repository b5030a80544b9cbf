package io.postbrake.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EvaluationTest {

    @Test
    void theSameSeedGivesTheSameScriptAndAnotherSeedAnother() {
        Script script = Script.of(7, 120, 6);

        assertThat(Script.of(7, 120, 6).actions()).isEqualTo(script.actions());
        assertThat(Script.of(8, 120, 6).actions()).isNotEqualTo(script.actions());
    }

    @Test
    void everyLineIsReadAsWhatItSays() {
        Script script = Script.of(7, 120, 4);
        Map<String, Integer> kinds = new TreeMap<>();
        List<String> users = new ArrayList<>();
        var parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(2026));
        PostfixLines lines = new PostfixLines(7, line -> {
            Instant at = Instant.ofEpochMilli(line.at());
            MailEvent event =
                    parser.parse(line.text(), 0, line.text().length, new LineOrigin(line.host(), "log", 0, 0, at));
            kinds.merge(event.getKind(), 1, Integer::sum);
            assertThat(event.getOccurredAt().toEpochMilli()).isBetween(line.at() - 999, line.at());
            if (event.getSaslUsername() != null) {
                users.add(event.getSaslUsername());
            }
        });

        script.actions().stream()
                .filter(Action.Mail.class::isInstance)
                .map(Action.Mail.class::cast)
                .limit(300)
                .forEach(m -> {
                    lines.accepted(m, null);
                    lines.accepted(m, "0a1b2c3d");
                    lines.refused(m, false, "0a1b2c3d");
                });

        assertThat(kinds).doesNotContainKeys("unparsed", "other", "not_postfix");
        assertThat(kinds)
                .containsEntry("client", 600)
                .containsEntry("held", 300)
                .containsEntry("rejected", 300);
        assertThat(kinds.get("queued")).isGreaterThanOrEqualTo(300);
        assertThat(users).hasSize(1200).allMatch(script.behaviours()::containsKey);
    }

    @Test
    void fixedLimitsStopABurstAndLetSlowSpamPass() throws IOException {
        Score score = Score.of(Script.of(3, 2000, 30), new FixedLimits.Quotas());

        assertThat(score.attacks.get("fast-burst").leak()).isLessThan(0.2);
        assertThat(score.attacks.get("low-and-slow").leak()).isGreaterThan(0.9);
        assertThat(score.innocents.get("ticket-system").falseBlocks()).isPositive();
        assertThat(score.innocents.get("office").falseBlocks()).isZero();
    }

    /** A small fleet, and floors well below what is measured on large ones (docs/measurements/evaluation.md). */
    @Test
    void postbrakeStopsThievesAndLeavesOwnersAloneInAClosedLoop() throws IOException {
        var evaluation = new Evaluation(300, 12, DetectionConfig.defaults(), Evaluation.Contenders.POSTBRAKE);

        Report report = evaluation.run(List.of(5L), sentence -> {});

        Score score = report.scores("postbrake").get(0);
        assertThat(score.total().blockedShare()).isGreaterThan(0.8);
        assertThat(score.total().leak()).isLessThan(0.2);
        assertThat(score.totalInnocent().stoppedShare()).isLessThan(0.02);
        assertThat(score.totalInnocent().per10000()).isLessThan(15);
        assertThat(report.toString()).contains("| postbrake |", "relocation (held out)");
    }

    /** Measured on large fleets in docs/measurements/learn.md. */
    @Test
    void whoLearntTheLogsJudgesTheFirstDaysLikeWhoWasThere() throws IOException {
        var evaluation = new Evaluation(80, 3, DetectionConfig.defaults(), Evaluation.Contenders.POSTBRAKE, false, 5);

        Report report = evaluation.run(List.of(2L), sentence -> {});

        Score.Tally cold = report.scores(Report.COLD).get(0).totalEarly();
        Score.Tally learnt = report.scores(Report.POSTBRAKE).get(0).totalEarly();
        Score.Tally watched = report.scores(Report.WATCHED).get(0).totalEarly();
        assertThat(learnt.attacks).isEqualTo(cold.attacks).isGreaterThan(2);
        assertThat(learnt.leak()).isLessThan(cold.leak());
        assertThat(learnt.leak()).isCloseTo(watched.leak(), within(0.02));
        assertThat(report.toString()).contains("| all | " + learnt.attacks + " |");
    }
}
