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
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What stands now: blocks, operators' words, open incidents. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List open incidents, blocks and operators' words.")
final class ListCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Option(names = "--all", description = "Incidents that are over, too.")
    private boolean all;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        List<Alert> incidents = TopicReader.newest(kafka, registry, Topics.ALERTS).values().stream()
                .filter(a -> all || !a.getState().equals("RESOLVED"))
                .sorted(Comparator.comparing(Alert::getStartedAt).reversed())
                .toList();
        Map<String, Block> blocks = TopicReader.newest(kafka, registry, Topics.BLOCKS);
        Map<String, OperatorOverride> words = WordsInForce.of(TopicReader.newest(kafka, registry, Topics.OVERRIDES));
        Instant now = Instant.now();
        var controls = TopicReader.newest(kafka, registry, Topics.CONTROL).values();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("incidents", Json.of(incidents));
            result.put("blocks", blocks(blocks, words, now));
            result.put("overrides", Json.of(words.values()));
            result.put("controls", Json.of(controls));
            Json.print(out, result);
        } else {
            print(out, incidents, blocks, words, controls, new Times(now, ZoneId.systemDefault()), Ansi.AUTO.enabled());
        }
        return 0;
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
            Map<String, Block> blocks,
            Map<String, OperatorOverride> words,
            Collection<Control> controls,
            Times times,
            boolean colour) {
        var open = new Table();
        incidents.forEach(a -> open.row(
                a.getSeverity(),
                a.getState(),
                a.getSubject(),
                a.getAction() + times.until(a.getActionUntil()),
                "since " + times.day(a.getStartedAt()),
                a.getConfirmedHosts().size() + " hosts",
                String.join(", ", a.getDetectors())));
        section(out, "INCIDENTS", open, colour);
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
        section(out, "BLOCKS", inForce, colour);
        if (!lifted.lines().isEmpty()) {
            section(out, "NOT IN FORCE ANY MORE, as the detector will learn", lifted, colour);
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
        section(out, "OVERRIDES", said, colour);
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
        section(out, "ALLOWED", allowed, colour);
        out.flush();
    }

    private static void section(PrintWriter out, String title, Table table, boolean colour) {
        out.println(colour ? "\033[1m" + title + "\033[0m" : title);
        List<String> lines = table.lines();
        out.println(
                lines.isEmpty()
                        ? "  none"
                        : lines.stream()
                                .map(line -> "  "
                                        + (colour && line.startsWith("critical")
                                                ? "\033[31m" + line + "\033[0m"
                                                : line))
                                .collect(Collectors.joining(System.lineSeparator())));
    }
}
