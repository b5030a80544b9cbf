package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How enforcement is on each host. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Show enforcement host by host. Exits 1 when a host is silent, behind, or lacks a block.")
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        Collection<Block> blocks =
                TopicReader.newest(kafka, registry, Topics.BLOCKS).values();
        Collection<EnforcementReport> reports =
                TopicReader.newest(kafka, registry, Topics.ENFORCEMENT).values();
        var alerts = TopicReader.newest(kafka, registry, Topics.ALERTS).values();
        var hosts = HostStatus.of(blocks, reports, alerts, Instant.now());
        Instant until = new ControlTopic(cluster).watchedUntil(Instant.now());
        print(spec.commandLine().getOut(), hosts, json);
        if (until != null && !json) {
            spec.commandLine().getOut().println(EnforceCommand.sentence(until));
            spec.commandLine().getOut().flush();
        }
        return hosts.stream().allMatch(HostStatus::good) ? 0 : 1;
    }

    static void print(PrintWriter out, List<HostStatus> hosts, boolean json) {
        if (json) {
            Json.print(out, hosts.stream().map(HostStatus::fields).toList());
            return;
        }
        out.printf(
                "%-12s %-9s %8s %8s %10s  %-24s %-18s %-18s %6s%n",
                "HOST",
                "STATE",
                "BLOCKS",
                "MISSING",
                "BEHIND",
                "LAST CONFIRMATION",
                "LINE-MAP p50/p99",
                "LINE-REFUSAL",
                "HELD");
        hosts.forEach(host -> out.println(host.line()));
        hosts.stream().flatMap(host -> host.remarks().stream()).forEach(out::println);
        if (hosts.isEmpty()) {
            out.println("no host has reported");
        }
        out.flush();
    }
}
