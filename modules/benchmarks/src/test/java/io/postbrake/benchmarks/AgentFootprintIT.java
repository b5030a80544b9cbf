package io.postbrake.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.testkit.Report;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent costs its host and its cluster while nothing happens: the archive as the image has it, a real broker. */
@Tag("soak")
class AgentFootprintIT {

    private static final String AGENT = "agent.Dockerfile";
    private static final int STARTS = 5;
    private static final int SETTLE_SECONDS = 20;
    private static final int IDLE_SECONDS = 60;
    private static final int PARTITIONS = 12;
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    @TempDir
    private Path dir;

    private int agents;

    private record Cost(
            List<Long> ready,
            List<Long> caughtUp,
            List<Long> ends,
            long rss,
            long pss,
            long cpu,
            long connections,
            Map<String, Long> requests) {

        String row(String name) {
            return "| %s | %d | %d | %d | %d | %.0f | %.0f | %.2f | %d |"
                    .formatted(
                            name,
                            median(ready),
                            ready.get(ready.size() - 1),
                            median(caughtUp),
                            median(ends),
                            rss / 1024.0,
                            pss / 1024.0,
                            cpu / 10.0 / IDLE_SECONDS,
                            connections);
        }
    }

    @Test
    void theAgentIsSmallAndQuickAndLeavesItsClusterAlone() throws Exception {
        assumeTrue(ImageSteps.archive(AGENT).isPresent(), "no archive of the agent: mvn package makes it");
        ImageSteps.run(AGENT, dir);
        Path image = dir.resolve("opt/postbrake-agent");
        Path plain = dir.resolve("plain");
        Process unpacked = new ProcessBuilder(
                        "tar",
                        "-xzf",
                        dir.resolve("tmp/agent.tar.gz").toString(),
                        "-C",
                        Files.createDirectory(plain).toString(),
                        "--strip-components=1")
                .inheritIO()
                .start();
        assertThat(unpacked.waitFor()).isZero();
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), 0)) {
            try (var client = ConfluentSchemaRegistry.connect(registry.url(), Map.of());
                    Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                new SchemaAdmin(client).register();
                new TopicAdmin(admin, PARTITIONS, (short) 1).create();
            }

            Cost archive = cost(plain, JDK, broker, registry);
            Cost made = cost(image, dir.resolve("opt/java"), broker, registry);

            write(archive, made);
            assertThat(made.rss() / 1024).as("MB resident, idle").isLessThanOrEqualTo(160);
            assertThat(median(made.ready())).as("ms to ready").isLessThanOrEqualTo(3000);
            assertThat(median(made.caughtUp())).as("ms to a map that agrees").isLessThanOrEqualTo(6000);
            assertThat(made.requests().getOrDefault("Fetch", 0L))
                    .as("fetches in a minute")
                    .isBetween(1L, 20L);
            assertThat(made.requests().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("requests in a minute")
                    .isLessThanOrEqualTo(60);
            assertThat(made.connections()).as("connections").isBetween(1L, 12L);
        }
    }

    private Cost cost(Path home, Path javaHome, EmbeddedBroker broker, EmbeddedRegistry registry) throws Exception {
        List<Long> ready = new ArrayList<>();
        List<Long> caughtUp = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        Map<String, Long> requests = Map.of();
        long rss = 0;
        long pss = 0;
        long cpu = 0;
        long connections = 0;
        for (int i = 1; i <= STARTS; i++) {
            long others = RequestCount.connections();
            Path files = Files.createDirectory(dir.resolve("agent-" + ++agents));
            try (var agent = AgentProcess.start(
                    home.resolve("bin/postbrake-agent"), javaHome, broker.bootstrapServers(), registry.url(), files)) {
                ready.add(agent.readyMillis());
                caughtUp.add(agent.caughtUpMillis());
                if (i == STARTS) {
                    TimeUnit.SECONDS.sleep(SETTLE_SECONDS); // What a start still sets in motion is over.
                    Map<String, Long> before = RequestCount.requests();
                    long cpuBefore = agent.cpuMillis();
                    TimeUnit.SECONDS.sleep(IDLE_SECONDS);
                    requests = RequestCount.since(before);
                    cpu = agent.cpuMillis() - cpuBefore;
                    connections = RequestCount.connections() - others;
                    rss = agent.kilobytes("status", "VmRSS");
                    pss = agent.kilobytes("smaps_rollup", "Pss");
                }
                ends.add(agent.ends());
                assertThat(agent.log()).doesNotContain(" ERROR ");
            }
        }
        ready.sort(null);
        caughtUp.sort(null);
        ends.sort(null);
        return new Cost(ready, caughtUp, ends, rss, pss, cpu, connections, requests);
    }

    private static long median(List<Long> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private static void write(Cost archive, Cost image) throws Exception {
        List<String> page = new ArrayList<>(List.of(
                "The distribution archive of the agent, shipper and enforcer both, with the options of its launcher, against one"
                        + " broker and a registry on the same machine; topics of " + PARTITIONS
                        + " partitions without blocks. "
                        + STARTS
                        + " starts; twenty seconds after the last one, a minute in which nothing happens; memory at its end.",
                "",
                "| | ready, ms (median) | worst | map agrees with the topics, ms | ended after SIGTERM, ms | resident, MiB |"
                        + " PSS, MiB | one core, % | connections |",
                "|---|---|---|---|---|---|---|---|---|",
                archive.row("archive on a JDK, without class-data archive"),
                image.row("as in the image: `jlink` runtime, class-data archive"),
                "",
                "Requests of the idle agent that the broker counted in that minute:",
                "",
                "| request | number |",
                "|---|---|"));
        new TreeMap<>(image.requests()).forEach((request, count) -> page.add("| " + request + " | " + count + " |"));
        page.add("");
        page.add(
                "`AgentFootprintIT` makes this page; it runs the steps of `docker/agent.Dockerfile` outside of a container.");
        Report.write("agent.md", "What an agent costs", page);
    }
}
