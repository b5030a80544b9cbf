package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.wire.OperatorReference;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What stands now: blocks, operators' words, open incidents. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List open incidents, blocks and operators' words.")
final class ListCommand implements Callable<Integer> {

    private static final int USUAL_LIMIT = 100;

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Mixin
    private ListFilter filter;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "At most so many lines of each part; default 100, with --json all. 0: all.")
    private Integer limit;

    @Option(
            names = "--group",
            paramLabel = "BY",
            description = "How many incidents have in common: ${COMPLETION-CANDIDATES}.")
    private ListGroups.By group;

    @Option(names = "--all", description = "Incidents that are over, too.")
    private boolean all;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (limit != null && limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit is " + limit + ": give 0, for all, or more");
        }
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        Instant now = Instant.now();
        Map<String, OperatorOverride> said = TopicReader.newest(kafka, registry, Topics.OVERRIDES);
        SubjectNotes notes = SubjectNotes.of(said);
        List<Alert> incidents = TopicReader.newest(kafka, registry, Topics.ALERTS).values().stream()
                .filter(a -> all || !a.getState().equals("RESOLVED"))
                .filter(a -> filter.takes(a, notes.inCharge(a) != null, now))
                .sorted(Comparator.comparing(Alert::getStartedAt).reversed())
                .toList();
        var times = new Times(now, ZoneId.systemDefault());
        if (group != null) {
            groups(out, ListGroups.of(incidents, notes, group, times));
            return ExitCodes.DONE;
        }
        Set<String> subjects = incidents.stream()
                .map(a -> a.getSubjectType() + ":" + a.getSubject())
                .collect(Collectors.toSet());
        Predicate<String> meant = key -> filter.ofIncidents() ? subjects.contains(key) : filter.takes(key);
        Map<String, Block> blocks = only(TopicReader.newest(kafka, registry, Topics.BLOCKS), meant);
        Map<String, OperatorOverride> words = only(WordsInForce.of(said), meant);
        Collection<Control> controls = filter.isEmpty()
                ? TopicReader.newest(kafka, registry, Topics.CONTROL).values()
                : List.of();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("incidents", Json.of(atMost(incidents)));
            result.put("blocks", atMost(blocks(blocks, words, now)));
            result.put("overrides", Json.of(atMost(List.copyOf(words.values()))));
            result.put(
                    "notes",
                    Json.of(notes.all().stream()
                            .filter(note -> meant.test(SubjectNotes.key(note)))
                            .toList()));
            result.put("controls", Json.of(controls));
            Json.print(out, result);
        } else {
            int lines = limit == null ? USUAL_LIMIT : limit == 0 ? Integer.MAX_VALUE : limit;
            print(out, incidents, notes, blocks, words, controls, times, Ansi.AUTO.enabled(), lines);
        }
        return ExitCodes.DONE;
    }

    private <T> List<T> atMost(List<T> list) {
        return limit == null || limit == 0 ? list : list.stream().limit(limit).toList();
    }

    private static <V> Map<String, V> only(Map<String, V> all, Predicate<String> meant) {
        Map<String, V> some = new LinkedHashMap<>();
        all.forEach((key, value) -> {
            if (meant.test(key)) {
                some.put(key, value);
            }
        });
        return some;
    }

    private void groups(PrintWriter out, List<ListGroups.Group> groups) {
        List<ListGroups.Group> some = atMost(groups);
        if (json) {
            Json.print(
                    out,
                    some.stream()
                            .map(g -> Map.of(
                                    group.name(),
                                    g.value(),
                                    "incidents",
                                    g.incidents(),
                                    "critical",
                                    g.critical(),
                                    "fresh",
                                    g.fresh()))
                            .toList());
        } else {
            var table = new Table();
            some.forEach(g -> table.row(g.incidents(), g.value(), g.critical() + " critical", g.fresh() + " fresh"));
            section(out, "INCIDENTS by " + group, table, Ansi.AUTO.enabled(), Integer.MAX_VALUE);
        }
        out.flush();
    }

    /** Blocks with whether hosts enforce them, and who says otherwise. */
    private static List<Object> blocks(Map<String, Block> blocks, Map<String, OperatorOverride> words, Instant now) {
        List<Object> result = new ArrayList<>();
        blocks.forEach((key, block) -> {
            Force force = Force.of(block, words.get(key), now);
            Map<String, Object> fields = Json.of(block);
            fields.put("inForce", force.inForce());
            fields.put(
                    "overriddenBy", force.word() == null ? null : force.word().getActor());
            result.add(fields);
        });
        return result;
    }

    static void print(
            PrintWriter out,
            Collection<Alert> incidents,
            SubjectNotes notes,
            Map<String, Block> blocks,
            Map<String, OperatorOverride> words,
            Collection<Control> controls,
            Times times,
            boolean colour,
            int limit) {
        var open = new Table();
        incidents.forEach(a -> open.row(
                a.getSeverity(),
                a.getState(),
                a.getSubject(),
                a.getAction() + times.until(a.getActionUntil()),
                "since " + times.day(a.getStartedAt()),
                a.getConfirmedHosts().size() + " hosts",
                notes.inCharge(a) == null ? "" : "acknowledged by " + notes.inCharge(a),
                String.join(", ", a.getDetectors())));
        section(out, "INCIDENTS", open, colour, limit);
        var inForce = new Table();
        var lifted = new Table();
        blocks.forEach((key, b) -> {
            Force force = Force.of(b, words.get(key), times.now());
            (force.inForce() ? inForce : lifted)
                    .row(
                            b.getAction() + (b.getOnlyHost() == null ? "" : " on " + b.getOnlyHost() + " alone"),
                            b.getSubject(),
                            force.inForce() ? times.until(b.getEndsAt()).strip() : force.said(),
                            "[pb:" + b.getReference() + "]",
                            b.getReason());
        });
        words.values().stream()
                .filter(o -> o.getVerb().equals("block")
                        && (o.getEndsAt() == null || o.getEndsAt().isAfter(times.now())))
                .forEach(o -> inForce.row(
                        o.getAction() == null ? "reject" : o.getAction(),
                        o.getSubject(),
                        o.getEndsAt() == null
                                ? "until lifted"
                                : times.until(o.getEndsAt()).strip(),
                        "[pb:" + OperatorReference.of(o.getSubjectType() + ":" + o.getSubject(), o.getAt()) + "]",
                        o.getReason()));
        section(out, "BLOCKS", inForce, colour, limit);
        if (!lifted.lines().isEmpty()) {
            section(out, "NOT IN FORCE ANY MORE, as the detector will learn", lifted, colour, limit);
        }
        var said = new Table();
        words.values()
                .forEach(o -> said.row(
                        o.getVerb(),
                        o.getSubject(),
                        "by " + o.getActor(),
                        times.day(o.getAt()),
                        o.getEndsAt() == null ? "" : times.until(o.getEndsAt()).strip(),
                        o.getReason()));
        section(out, "OVERRIDES", said, colour, limit);
        var allowed = new Table();
        controls.forEach(control -> control.getAllow()
                .forEach(entry -> allowed.row(
                        entry.getType(),
                        entry.getSubject(),
                        entry.getEndsAt() == null
                                ? "withdrawn"
                                : times.until(entry.getEndsAt()).strip(),
                        "by " + control.getActor(),
                        entry.getReason())));
        section(out, "ALLOWED", allowed, colour, limit);
        out.flush();
    }

    private static void section(PrintWriter out, String title, Table table, boolean colour, int limit) {
        out.println(colour ? "\033[1m" + title + "\033[0m" : title);
        List<String> lines = table.lines();
        if (lines.isEmpty()) {
            out.println("  none");
        }
        lines.stream()
                .limit(limit)
                .map(line -> "  " + (colour && line.startsWith("critical") ? "\033[31m" + line + "\033[0m" : line))
                .forEach(out::println);
        if (lines.size() > limit) {
            out.println("  and " + (lines.size() - limit) + " more; a filter or --limit shows them");
        }
    }
}
