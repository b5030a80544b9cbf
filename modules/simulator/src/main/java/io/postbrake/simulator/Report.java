package io.postbrake.simulator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What an evaluation found, as Markdown tables. */
public final class Report {
    private final Map<String, List<Score>> scores;

    Report(Map<String, List<Score>> scores) {
        this.scores = scores;
    }

    List<Score> scores(String guard) {
        return scores.get(guard);
    }

    /** The guards beside each other, then Postbrake by kind of attack and by legitimate behaviour. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        guards(out);
        List<Score> own = scores.get("postbrake");
        List<Score> union = scores.get("union");
        kinds(out, own == null ? List.of() : own, union);
        behaviours(out, own == null ? List.of() : own, union);
        reasons(out, own == null ? List.of() : own);
        return out.toString();
    }

    private void guards(StringBuilder out) {
        line(
                out,
                "| guard | spam leaked % | attacks blocked % | legitimate mail in false blocks % | false blocks / 10,000"
                        + " user-days | of these hold/defer/reject | first 3 days: leaked % | blocked % | false blocks |");
        line(out, "|---|---|---|---|---|---|---|---|---|");
        scores.forEach((name, all) -> {
            long[] grades = new long[3];
            all.forEach(s -> {
                Score.Innocent i = s.totalInnocent();
                grades[0] += i.held;
                grades[1] += i.deferred;
                grades[2] += i.rejected;
            });
            line(
                    out,
                    "| %s | %s | %s | %s | %s | %d/%d/%d | %s | %s | %s |",
                    name,
                    spread(all, s -> 100 * s.total().leak()),
                    spread(all, s -> 100 * s.total().blockedShare()),
                    spread(all, s -> 100 * s.totalInnocent().stoppedShare()),
                    spread(all, s -> s.totalInnocent().per10000()),
                    grades[0],
                    grades[1],
                    grades[2],
                    spread(all, s -> 100 * s.early.leak()),
                    spread(all, s -> 100 * s.early.blockedShare()),
                    spread(all, s -> s.earlyInnocent.per10000()));
        });
    }

    private static void kinds(StringBuilder out, List<Score> own, List<Score> union) {
        Set<String> heldOut = new HashSet<>();
        AttackKind.all().stream().filter(AttackKind::heldOut).forEach(k -> heldOut.add(k.name()));
        line(out, "");
        line(
                out,
                "| attack | attacks | blocked % | spam leaked % | messages passed, median | minutes to block, median |"
                        + " fixed limits: blocked % | leaked % |");
        line(out, "|---|---|---|---|---|---|---|---|");
        Map<String, Score.Tally> ours = sum(own);
        Map<String, Score.Tally> theirs = union == null ? Map.of() : sum(union);
        ours.forEach((kind, t) -> {
            Score.Tally u = theirs.getOrDefault(kind, new Score.Tally());
            line(
                    out,
                    "| %s%s | %d | %.0f | %.1f | %s | %s | %.0f | %.1f |",
                    kind,
                    heldOut.contains(kind) ? " (held out)" : "",
                    t.attacks,
                    100 * t.blockedShare(),
                    100 * t.leak(),
                    median(t.messagesPassed, 1),
                    median(t.secondsToBlock, 60),
                    100 * u.blockedShare(),
                    100 * u.leak());
        });
    }

    private static void behaviours(StringBuilder out, List<Score> own, List<Score> union) {
        Set<String> heldOut = new HashSet<>();
        Behaviour.all().stream().filter(Behaviour::heldOut).forEach(b -> heldOut.add(b.name()));
        line(out, "");
        line(
                out,
                "| behaviour | messages | in false blocks % | false blocks | per 10,000 user-days | fixed limits: in false"
                        + " blocks % | per 10,000 user-days |");
        line(out, "|---|---|---|---|---|---|---|");
        Map<String, Score.Innocent> ours = sumInnocent(own);
        Map<String, Score.Innocent> theirs = union == null ? Map.of() : sumInnocent(union);
        ours.forEach((behaviour, i) -> {
            Score.Innocent u = theirs.getOrDefault(behaviour, new Score.Innocent());
            line(
                    out,
                    "| %s%s | %d | %.2f | %d | %.1f | %.1f | %.0f |",
                    behaviour,
                    heldOut.contains(behaviour) ? " (held out)" : "",
                    i.mails,
                    100 * i.stoppedShare(),
                    i.falseBlocks(),
                    i.per10000(),
                    100 * u.stoppedShare(),
                    u.per10000());
        });
    }

    /** What led to false blocks, without the figures in the sentences. */
    private static void reasons(StringBuilder out, List<Score> own) {
        Map<String, Long> counts = new TreeMap<>();
        sumInnocent(own)
                .forEach((behaviour, i) -> i.reasons.forEach((reason, n) ->
                        counts.merge(behaviour + ": " + reason.replaceAll("[0-9][0-9.,e-]*", "N"), n, Long::sum)));
        line(out, "");
        line(out, "Reasons of false blocks:");
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(25)
                .forEach(e -> line(out, "%6d  %s", e.getValue(), e.getKey()));
    }

    private static Map<String, Score.Tally> sum(List<Score> all) {
        Map<String, Score.Tally> sums = new TreeMap<>();
        all.forEach(s -> s.attacks.forEach(
                (kind, t) -> sums.computeIfAbsent(kind, k -> new Score.Tally()).add(t)));
        return sums;
    }

    private static Map<String, Score.Innocent> sumInnocent(List<Score> all) {
        Map<String, Score.Innocent> sums = new TreeMap<>();
        all.forEach(s -> s.innocents.forEach(
                (b, i) -> sums.computeIfAbsent(b, k -> new Score.Innocent()).add(i)));
        return sums;
    }

    /** Mean, and the least and greatest of the seeds. */
    private static String spread(List<Score> all, ToDoubleFunction<Score> figure) {
        double[] values = all.stream().mapToDouble(figure).sorted().toArray();
        double mean = java.util.Arrays.stream(values).average().orElse(0);
        return String.format(Locale.ROOT, "%.2f (%.2f-%.2f)", mean, values[0], values[values.length - 1]);
    }

    private static String median(List<Long> values, double unit) {
        if (values.isEmpty()) {
            return "-";
        }
        List<Long> sorted = new ArrayList<>(values);
        sorted.sort(Comparator.naturalOrder());
        return String.format(Locale.ROOT, "%.0f", sorted.get(sorted.size() / 2) / unit);
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
