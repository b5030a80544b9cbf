package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.Kubelet;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent on a node of Kubernetes that is killed while pods write, are rotated, restarted and deleted. */
class PodsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int KILLS = 6;
    private static final int LINES = 400;
    private static final List<String> UIDS =
            List.of("5f3d8a2e-9f0c-4a51-8d7e-0123456789ab", "7c9e6679-7425-40de-944b-e07fc1f90ae7");

    @TempDir
    private Path dir;

    @Test
    void eachLineOfAPodComesOnceInOrderThoughTheAgentIsKilled() throws Exception {
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), FreePort.next());
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), FreePort.next());
                var client = ConfluentSchemaRegistry.connect(registry.url(), Map.of())) {
            new SchemaAdmin(client).register();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                new TopicAdmin(admin, 1, (short) 1).create();
            }
            Path yaml = settings(broker.bootstrapServers(), registry.url());
            Path pods = Files.createDirectories(dir.resolve("pods"));
            List<Kubelet> kubelets = List.of(
                    new Kubelet(pods, "mail", "postfix-0", UIDS.get(0)),
                    new Kubelet(pods, "mail", "postfix-1", UIDS.get(1)));
            var random = new Random(17);
            int line = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                Process agent = start(yaml);
                // Half of them are written while it starts, or is down; the others while it is at work.
                int begin = line;
                for (int until = LINES * (kill + 1) / KILLS; line < until; line++) {
                    for (Kubelet kubelet : kubelets) {
                        write(kubelet, line, random);
                    }
                    if (line == (begin + until) / 2) {
                        awaitLine(broker, client, line - 1);
                    }
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
                }
                if (kill < KILLS - 1) {
                    agent.destroyForcibly().waitFor();
                }
                if (kill == KILLS - 1) {
                    awaitLine(broker, client, line - 1);
                    kubelets.get(0).deletes();
                    awaitFarewell(broker, client);
                    agent.destroyForcibly().waitFor();
                }
            }

            Map<String, List<String>> lines = lines(broker, client);

            List<String> expected = new ArrayList<>();
            for (int i = 0; i < line; i++) {
                expected.add("A%05d".formatted(i));
            }
            assertThat(lines.keySet()).containsExactlyInAnyOrderElementsOf(UIDS);
            assertThat(lines.values()).allSatisfy(of -> assertThat(of).containsExactlyElementsOf(expected));
        }
    }

    /** With a rotation or a restart now and then, also between the pieces of a line. */
    private static void write(Kubelet kubelet, int i, Random random) throws IOException {
        String text = Kubelet.removed(i);
        int cut = 1 + random.nextInt(text.length() - 1);
        kubelet.piece("stdout", "P", text.substring(0, cut));
        if (random.nextInt(40) == 0) {
            kubelet.rotates("20260101-%06d".formatted(i));
        }
        kubelet.piece("stderr", "F", "Nov 24 10:00:00 mx1 cron[1]: hello");
        kubelet.piece("stdout", "F", text.substring(cut));
        if (random.nextInt(80) == 0) {
            kubelet.restarts();
        }
    }

    private Path settings(String brokers, String registry) throws IOException {
        return Files.writeString(
                dir.resolve("agent.yaml"), """
                host.id: node1
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                state.dir: %s
                source:
                  log.paths: ["pods:%s"]
                  pods.match: [mail/postfix-*/postfix]
                  rescan.interval.ms: 100
                http.port: -1
                """.formatted(brokers, registry, dir.resolve("state"), dir.resolve("pods")));
    }

    private Process start(Path yaml) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Agent.class.getName(),
                        "--config",
                        yaml.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        dir.resolve("agent.log").toFile()))
                .start();
    }

    private static void awaitLine(EmbeddedBroker broker, ConfluentSchemaRegistry registry, int line) throws Exception {
        String wanted = "A%05d".formatted(line);
        await(() -> lines(broker, registry).values().stream()
                        .filter(of -> of.contains(wanted))
                        .count()
                == UIDS.size());
    }

    private static void awaitFarewell(EmbeddedBroker broker, ConfluentSchemaRegistry registry) throws Exception {
        await(() -> all(broker, registry, Topics.ENFORCEMENT).stream()
                .anyMatch(report -> report.getEndedAt() != null
                        && report.getHostId().equals(UIDS.get(0))
                        && "mail/postfix-0".equals(report.getHostLabel())));
        List<EnforcementReport> reports = all(broker, registry, Topics.ENFORCEMENT);
        assertThat(reports).extracting(EnforcementReport::getHostId).contains("node1", UIDS.get(1));
        assertThat(reports)
                .filteredOn(report -> report.getEndedAt() != null)
                .extracting(EnforcementReport::getHostId)
                .containsOnly(UIDS.get(0));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** Queue ids by host, without what the detector leaves out: a position at or below its text's newest one. */
    private static Map<String, List<String>> lines(EmbeddedBroker broker, ConfluentSchemaRegistry registry) {
        Map<String, List<String>> lines = new TreeMap<>();
        Map<String, Long> seen = new TreeMap<>();
        for (MailEvent event : all(broker, registry, Topics.MAIL_EVENTS)) {
            String text = event.getSourceId() + "/" + event.getGeneration();
            if (event.getPosition() > seen.getOrDefault(text, -1L)) {
                seen.put(text, event.getPosition());
                lines.computeIfAbsent(event.getHostId(), host -> new ArrayList<>())
                        .add(event.getQueueId());
            }
        }
        return lines;
    }

    private static <V extends SpecificRecord> List<V> all(
            EmbeddedBroker broker, ConfluentSchemaRegistry registry, Topic<V> topic) {
        List<V> all = new ArrayList<>();
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (var consumer = new KafkaConsumer<>(
                settings,
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer())) {
            var only = List.of(new TopicPartition(topic.name(), 0));
            consumer.assign(only);
            consumer.seekToBeginning(only);
            long end = consumer.endOffsets(only).get(only.get(0));
            while (consumer.position(only.get(0)) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> all.add(record.value()));
            }
        }
        return all;
    }
}
