package io.postbrake.cli;

import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Mail hosts that are none any more. */
@Command(
        name = "hosts",
        mixinStandardHelpOptions = true,
        description = "Say that mail hosts are gone for good: a machine that was removed, a pod whose node was lost.")
final class HostsCommand {

    /** Several reports of the longest interval that is usual. */
    private static final Duration THERE = Duration.ofMinutes(1);

    @Spec
    private CommandSpec spec;

    @Command(
            name = "forget",
            mixinStandardHelpOptions = true,
            description =
                    "Forget hosts, so that nobody waits for them and their incidents end. One that reports again is"
                            + " a host again.")
    int forget(
            @Mixin ClusterOptions cluster,
            @Parameters(
                            paramLabel = "HOST",
                            arity = "1..*",
                            description = "Id of the host, or what status calls it; one that was heard of within a"
                                    + " minute is refused.")
                    List<String> names)
            throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Map<String, EnforcementReport> reports =
                new LinkedHashMap<>(TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.ENFORCEMENT));
        Set<String> gone = reports.values().stream()
                .filter(report -> report.getEndedAt() != null)
                .map(EnforcementReport::getHostId)
                .collect(Collectors.toSet());
        reports.values()
                .removeIf(r -> !r.getKind().equals("host") && !r.getKind().equals("shipper"));
        Set<String> ids = new TreeSet<>();
        for (String name : names) {
            Set<String> meant = meant(name, reports);
            if (meant.isEmpty()) {
                throw new IllegalArgumentException("HOST is '" + Text.plain(name)
                        + "': no host that reported is called so; " + "postbrake status lists them");
            }
            if (meant.size() > 1) {
                throw new IllegalArgumentException("HOST is '" + Text.plain(name)
                        + "': several are called so, give one of " + Text.plain(String.join(", ", meant)));
            }
            ids.addAll(meant);
        }
        reports.values().removeIf(report -> !ids.contains(report.getHostId()));
        stillThere(reports, now);
        Farewells.say(cluster, reports, now);
        PrintWriter out = spec.commandLine().getOut();
        ids.forEach(id -> out.println(Text.plain(id) + (gone.contains(id) ? " was" : " is") + " no host any more"));
        out.flush();
        return ExitCodes.DONE;
    }

    private static Set<String> meant(String name, Map<String, EnforcementReport> reports) {
        if (reports.values().stream().anyMatch(report -> report.getHostId().equals(name))) {
            return Set.of(name);
        }
        return reports.values().stream()
                .filter(report -> name.equals(report.getHostLabel()) && report.getEndedAt() == null)
                .map(EnforcementReport::getHostId)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** It would be a host again with its next report. */
    private static void stillThere(Map<String, EnforcementReport> reports, Instant now) {
        reports.values().stream()
                .filter(report -> report.getEndedAt() == null
                        && report.getAt().plus(THERE).isAfter(now))
                .max(Comparator.comparing(EnforcementReport::getAt))
                .ifPresent(report -> {
                    throw new IllegalArgumentException("HOST is '" + Text.plain(report.getHostId())
                            + "': it was heard of at " + report.getAt() + ", so it is there: stop its agent first");
                });
    }
}
