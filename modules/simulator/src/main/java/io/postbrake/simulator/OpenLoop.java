package io.postbrake.simulator;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.subject.IpNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How builds do that each read the logs of made-up fleets in which nobody was stopped, and said what they would have blocked. Their
 * blocks are applied afterwards: what was sent under one counts as stopped, although the thief in the logs does not notice. So
 * any build can be compared that replays logs, also one that knows nothing of this simulator.
 */
public final class OpenLoop {

    /** Milliseconds from a decision to its being in force, as in the closed loop. */
    private static final long ENFORCED_AFTER = 500;

    private final int users;
    private final int days;
    /** Scores by build, in the order of the seeds. */
    private final Map<String, List<Score>> scores = new LinkedHashMap<>();

    /**
     * A block that was begun, made stricter or prolonged.
     *
     * @param subjectType sasl_user, client_ip or client_net; others stop nobody here
     * @param action hold, defer or reject
     * @param expires when it ends, unless it is prolonged
     */
    public record Decided(
            Instant at, String subjectType, String subject, String action, Instant expires, String reason) {}

    /** For fleets of {@code users} accounts and {@code days} days. */
    public OpenLoop(int users, int days) {
        this.users = users;
        this.days = days;
    }

    /** Scores what {@code build} decided, in order of time, of the logs of the fleet of this seed. */
    public void add(String build, long seed, List<Decided> decided) {
        Score score = Score.of(Script.of(seed, users, days), new Afterwards(decided));
        scores.computeIfAbsent(build, k -> new ArrayList<>()).add(score);
    }

    /** Means over the fleets with 95 % intervals, the last build beside the first; then kinds of attack and of owners. */
    @Override
    public String toString() {
        var out = new StringBuilder("| |");
        scores.keySet().forEach(build -> out.append(' ').append(build).append(" |"));
        out.append(" paired difference |\n|---|")
                .append("---|".repeat(scores.size() + 1))
                .append('\n');
        row(out, "spam leaked, %", s -> 100 * s.total().leak());
        row(out, "attacks blocked, %", s -> 100 * s.total().blockedShare());
        row(out, "false blocks in 10,000 user-days", s -> s.totalInnocent().per10000());
        row(
                out,
                "legitimate mail in false blocks, %",
                s -> 100 * s.totalInnocent().stoppedShare());
        row(out, "first three days: spam leaked, %", s -> 100 * s.totalEarly().leak());
        row(
                out,
                "first three days: attacks blocked, %",
                s -> 100 * s.totalEarly().blockedShare());
        row(out, "first three days: false blocks", s -> s.totalEarlyInnocent().per10000());
        kinds(out);
        owners(out);
        return out.toString();
    }

    private void row(StringBuilder out, String name, ToDoubleFunction<Score> figure) {
        out.append("| ").append(name).append(" |");
        List<double[]> all = new ArrayList<>();
        scores.values().forEach(s -> all.add(s.stream().mapToDouble(figure).toArray()));
        all.forEach(each -> out.append(' ').append(interval(each)).append(" |"));
        double[] first = all.get(0);
        double[] last = all.get(all.size() - 1);
        double[] difference = new double[first.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = last[i] - first[i];
        }
        out.append(' ').append(interval(difference)).append(" |\n");
    }

    private static String interval(double[] each) {
        var mean = Mean.of(each);
        return each.length < 2
                ? String.format(Locale.ROOT, "%.2f", mean.mean())
                : String.format(Locale.ROOT, "%.2f ± %.2f", mean.mean(), mean.halfWidth());
    }

    private void kinds(StringBuilder out) {
        out.append("\n| attack | attacks |");
        scores.keySet().forEach(build -> out.append(String.format(" %1$s: blocked | leaked %% |", build)));
        out.append("\n|---|---|").append("---|---|".repeat(scores.size())).append('\n');
        Map<String, List<Score.Tally>> all = new TreeMap<>();
        names(s -> s.attacks)
                .forEach(kind -> all.put(
                        kind,
                        scores.values().stream().map(each -> sum(each, kind)).toList()));
        all.forEach((kind, tallies) -> {
            out.append("| ")
                    .append(kind)
                    .append(" | ")
                    .append(tallies.get(0).attacks)
                    .append(" |");
            tallies.forEach(t -> out.append(String.format(Locale.ROOT, " %d | %.1f |", t.blocked, 100 * t.leak())));
            out.append('\n');
        });
    }

    private static Score.Tally sum(List<Score> each, String kind) {
        var sum = new Score.Tally();
        each.stream().map(s -> s.attacks.get(kind)).filter(t -> t != null).forEach(sum::add);
        return sum;
    }

    /** Those of whom some build blocked one. */
    private void owners(StringBuilder out) {
        out.append("\n| owners with false blocks |");
        scores.keySet().forEach(build -> out.append(String.format(" %1$s: blocks | mail in them %% |", build)));
        out.append("\n|---|").append("---|---|".repeat(scores.size())).append('\n');
        for (String owner : names(s -> s.innocents)) {
            List<Score.Innocent> each = new ArrayList<>();
            for (List<Score> all : scores.values()) {
                var sum = new Score.Innocent();
                all.stream()
                        .map(s -> s.innocents.get(owner))
                        .filter(i -> i != null)
                        .forEach(sum::add);
                each.add(sum);
            }
            if (each.stream().anyMatch(i -> i.falseBlocks() + i.stopped > 0)) {
                out.append("| ").append(owner).append(" |");
                each.forEach(i -> out.append(
                        String.format(Locale.ROOT, " %d | %.2f |", i.falseBlocks(), 100 * i.stoppedShare())));
                out.append('\n');
            }
        }
    }

    private TreeSet<String> names(Function<Score, Map<String, ?>> which) {
        var names = new TreeSet<String>();
        scores.values()
                .forEach(all -> all.forEach(s -> names.addAll(which.apply(s).keySet())));
        return names;
    }

    /** Blocks that were decided already, each in force from soon after until it ends. */
    private static final class Afterwards implements Guard {
        private final List<Decided> decided;
        private final List<Block> blocks = new ArrayList<>();
        private final Map<String, Standing> standing = new HashMap<>();
        private int next;

        private record Standing(Block block, long until) {}

        Afterwards(List<Decided> decided) {
            this.decided =
                    decided.stream().sorted(Comparator.comparing(Decided::at)).toList();
        }

        @Override
        public Block offered(Action.Mail mail) {
            upTo(mail.at() - ENFORCED_AFTER);
            Block found = of(SubjectKeys.account(mail.account()), mail.at());
            if (found == null) {
                found = of(SubjectKeys.client(mail.client().ip()), mail.at());
            }
            IpNetwork one = IpNetwork.parse(mail.client().ip()).orElseThrow();
            for (int bits : one.address().length == 4 ? new int[] {24} : new int[] {64, 48}) {
                found = found != null
                        ? found
                        : of(SubjectKeys.CLIENT_NET + ":" + one.within(bits).cidr(), mail.at());
            }
            return found;
        }

        @Override
        public void failed(Action.Failure failure) {
            // What fails is in the logs already.
        }

        @Override
        public void over() {
            upTo(Long.MAX_VALUE);
        }

        @Override
        public List<Block> blocks() {
            return blocks;
        }

        private Block of(String key, long at) {
            Standing found = standing.get(key);
            return found != null && at < found.until() ? found.block() : null;
        }

        private void upTo(long at) {
            for (; next < decided.size() && decided.get(next).at().toEpochMilli() <= at; next++) {
                Decided d = decided.get(next);
                String key = d.subjectType().equals(SubjectKeys.SASL_USER)
                        ? SubjectKeys.account(d.subject())
                        : d.subjectType() + ":" + d.subject();
                long began = d.at().toEpochMilli();
                Block before = of(key, began);
                Block block = before != null
                        ? before
                        : new Block(
                                !d.subjectType().equals(SubjectKeys.SASL_USER),
                                d.subject(),
                                began,
                                d.action(),
                                d.reason());
                if (before == null) {
                    blocks.add(block);
                }
                standing.put(key, new Standing(block, d.expires().toEpochMilli()));
            }
        }
    }
}
