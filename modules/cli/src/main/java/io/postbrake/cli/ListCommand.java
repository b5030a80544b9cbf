package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What stands now: blocks, operators' words, open incidents. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List blocks, operators' words and open incidents.")
final class ListCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        out.println("BLOCKS");
        for (Block b : TopicReader.newest(kafka, registry, Topics.BLOCKS).values()) {
            out.printf(
                    "  %-6s %-40s until %s  [pb:%s]  %s%n",
                    b.getAction(),
                    Text.plain(b.getSubject()),
                    b.getEndsAt(),
                    b.getReference(),
                    Text.plain(b.getReason()));
        }
        out.println("OVERRIDES");
        for (OperatorOverride o :
                TopicReader.newest(kafka, registry, Topics.OVERRIDES).values()) {
            Instant end = o.getEndsAt();
            out.printf(
                    "  %-7s %-40s by %s at %s%s  %s%n",
                    o.getVerb(),
                    Text.plain(o.getSubject()),
                    Text.plain(o.getActor()),
                    o.getAt(),
                    end == null ? "" : end.isAfter(Instant.now()) ? " until " + end : " (ended " + end + ")",
                    Text.plain(o.getReason()));
        }
        out.println("INCIDENTS");
        for (Alert a : TopicReader.newest(kafka, registry, Topics.ALERTS).values()) {
            if (!a.getState().equals("RESOLVED")) {
                out.printf(
                        "  %-8s %-40s since %s  %s%n",
                        a.getSeverity(), Text.plain(a.getSubject()), a.getStartedAt(), Text.plain(a.getTitle()));
            }
        }
        out.flush();
        return 0;
    }
}
