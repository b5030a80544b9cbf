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
    static final String POSTBRAKE = "postbrake";
    static final String COLD = "postbrake, nothing learnt";
    static final String WATCHED = "postbrake, watched all along";

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
        if (scores.containsKey(COLD)) {
            firstDays(out);
        }
        List<Score> own = scores.get(POSTBRAKE);
        List<Score> union = scores.get("union");
        if (own == null || own.stream().anyMatch(s -> s.totalInnocent().userDays > 0)) {
            kinds(out, own == null ? List.of() : own, union);
            behaviours(out, own == null ? List.of() : own, union);
            reasons(out, own == null ? List.of() : own);
            tellings(out, own == null ? List.of() : own);
        }
        return out.toString();
    }

    private void guards(StringBuilder out) {
        line(
                out,
                "| guard | spam leaked % | attacks blocked % | legitimate mail in false blocks % | false blocks / 10,000"
                        + " user-days | of these hold/defer/reject | first 3 days: leaked % | blocked % | false blocks |");
        line(out, "|---|---|---|---|---|---|---|---|---|");
        scores.forEach((name, all) -> {
            boolean later = all.stream().anyMatch(s -> s.totalInnocent().userDays > 0);
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
                    later ? spread(all, s -> 100 * s.total().leak()) : "-",
                    later ? spread(all, s -> 100 * s.total().blockedShare()) : "-",
                    later ? spread(all, s -> 100 * s.totalInnocent().stoppedShare()) : "-",
                    later ? spread(all, s -> s.totalInnocent().per10000()) : "-",
                    grades[0],
                    grades[1],
                    grades[2],
                    spread(all, s -> 100 * s.totalEarly().leak()),
                    spread(all, s -> 100 * s.totalEarly().blockedShare()),
                    spread(all, s -> s.totalEarlyInnocent().per10000()));
        });
    }

    /** What a history is worth: the first judged days with and without it, all seeds together. */
    private void firstDays(StringBuilder out) {
        List<String> guards = List.of(COLD, POSTBRAKE, WATCHED);
        line(out, "");
        line(out, "First days: what leaked of each kind of attack in %, and how many were blocked");
        line(out, "");
        line(out, "| attack | attacks | nothing learnt | learnt | watched all along |");
        line(out, "|---|---|---|---|---|");
        Map<String, Map<String, Score.Tally>> kinds = new TreeMap<>();
        Map<String, Map<String, Score.Innocent>> people = new TreeMap<>();
        for (String guard : guards) {
            for (Score score : scores.get(guard)) {
                score.early.forEach(
                        (kind, t) -> cell(kinds, kind, guard, new Score.Tally()).add(t));
                cell(kinds, "all", guard, new Score.Tally()).add(score.totalEarly());
                score.earlyInnocents.forEach((who, i) ->
                        cell(people, who, guard, new Score.Innocent()).add(i));
                cell(people, "all", guard, new Score.Innocent()).add(score.totalEarlyInnocent());
            }
        }
        kinds.forEach((kind, by) -> {
            out.append("| ").append(kind).append(" | ").append(by.get(COLD).attacks);
            guards.forEach(g -> out.append(
                    String.format(Locale.ROOT, " | %.1f (%d)", 100 * by.get(g).leak(), by.get(g).blocked)));
            line(out, " |");
        });
        line(out, "");
        line(out, "First days: false blocks (hold/defer/reject), and % of the legitimate mail that was inside them");
        line(out, "");
        line(out, "| behaviour | messages | nothing learnt | learnt | watched all along |");
        line(out, "|---|---|---|---|---|");
        people.forEach((who, by) -> {
            if (by.values().stream().allMatch(i -> i.falseBlocks() == 0)) {
                return;
            }
            out.append("| ")
                    .append(who)
                    .append(" | ")
                    .append(by.values().iterator().next().mails);
            guards.forEach(g -> {
                Score.Innocent i = by.getOrDefault(g, new Score.Innocent());
                out.append(String.format(
                        Locale.ROOT,
                        " | %d (%d/%d/%d), %.2f %%",
                        i.falseBlocks(),
                        i.held,
                        i.deferred,
                        i.rejected,
                        100 * i.stoppedShare()));
            });
            line(out, " |");
        });
    }

    private static <T> T cell(Map<String, Map<String, T>> table, String row, String column, T empty) {
        return table.computeIfAbsent(row, k -> new TreeMap<>()).computeIfAbsent(column, k -> empty);
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
            Score.Tally u = theirs.get(kind);
            line(
                    out,
                    "| %s%s | %d | %.0f | %.1f | %s | %s | %s | %s |",
                    kind,
                    heldOut.contains(kind) ? " (held out)" : "",
                    t.attacks,
                    100 * t.blockedShare(),
                    100 * t.leak(),
                    median(t.messagesPassed, 1),
                    median(t.secondsToBlock, 60),
                    u == null ? "-" : whole(100 * u.blockedShare()),
                    u == null ? "-" : tenth(100 * u.leak()));
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
            Score.Innocent u = theirs.get(behaviour);
            line(
                    out,
                    "| %s%s | %d | %.2f | %d | %.1f | %s | %s |",
                    behaviour,
                    heldOut.contains(behaviour) ? " (held out)" : "",
                    i.mails,
                    100 * i.stoppedShare(),
                    i.falseBlocks(),
                    i.per10000(),
                    u == null ? "-" : tenth(100 * u.stoppedShare()),
                    u == null ? "-" : whole(u.per10000()));
        });
    }

    /** What is told and blocks nobody. */
    private static void tellings(StringBuilder out, List<Score> own) {
        Map<String, Telling> all = new TreeMap<>();
        own.forEach(s -> s.tellings.forEach(
                (kind, t) -> all.computeIfAbsent(kind, k -> new Telling()).add(t)));
        if (all.isEmpty()) {
            return;
        }
        line(out, "");
        line(out, "| told | happened | told of | alerts |");
        line(out, "|---|---|---|---|");
        all.forEach((kind, t) -> line(out, "| %s | %d | %d | %d |", kind, t.happened, t.told, t.times));
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String tenth(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
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
