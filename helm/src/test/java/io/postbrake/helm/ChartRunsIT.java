package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chart renders, run as plain processes with the arguments, variables and files that it says. */
class ChartRunsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    private Path dir;

    private final List<Process> running = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : running) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void theRenderedCommandsBlockAStolenAccount() throws Exception {
        int registryPort = freePort();
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), registryPort)) {
            String rendered = Chart.template(Chart.HOME)
                    .set("kafka.bootstrapServers", broker.bootstrapServers())
                    .set("registry.url", registry.url())
                    .set("topics.partitions", "2")
                    .set("topics.replicationFactor", "1")
                    .set("detector.replicas", "1")
                    .set("detector.standbyReplicas", "0")
                    .set("agent.enforcer.errors\\.deadletterqueue\\.topic\\.replication\\.factor", "1")
                    .call();

            var prepare = workload(rendered, "Job", "pb-postbrake-prepare");
            finishes(prepare.start(0, log("topics")));
            finishes(prepare.start(1, log("schemas")));
            var detector = workload(rendered, "StatefulSet", "pb-postbrake-detector");
            running.add(detector.start(0, log("detector")));
            var agent = workload(rendered, "DaemonSet", "pb-postbrake-agent");
            Path mail = Path.of(agent.moved("/host/log/mail.log"));
            Files.createDirectories(mail.getParent());
            Files.writeString(mail, thief());
            running.add(agent.start(0, log("agent")));

            ConsumerRecord<String, byte[]> block = first(broker.bootstrapServers(), Topics.BLOCKS.name());
            Path map = Path.of(agent.moved("/var/lib/postbrake/map/blocked.lmdb"));
            awaits(() -> Files.exists(map) && contains(map, "thief@example.org"));

            assertThat(block.key()).isEqualTo("sasl_user:thief@example.org");
        } catch (AssertionError e) {
            for (String name : List.of("topics", "schemas", "detector", "agent")) {
                if (Files.exists(log(name))) {
                    System.err.println("== " + name + "\n" + Files.readString(log(name)));
                }
            }
            throw e;
        }
    }

    private Workload workload(String rendered, String kind, String name) throws IOException {
        return new Workload(
                rendered,
                Chart.document(rendered, kind, name),
                dir.resolve("root"),
                Map.of("spec.nodeName", "mx1", "metadata.name", name + "-0", "metadata.namespace", "mail"));
    }

    private Path log(String name) {
        return dir.resolve(name + ".log");
    }

    private static void finishes(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    /** An account that nobody knows sends 120 messages within ten minutes. */
    private static String thief() {
        var lines = new StringBuilder();
        ZonedDateTime at = ZonedDateTime.now(ZoneOffset.UTC).minusMinutes(10);
        for (int i = 0; i < 120; i++) {
            String stamp = at.plusSeconds(5L * i).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
            String id = "%010X".formatted(0xA0000 + i);
            lines.append(stamp)
                    .append(" mx1 postfix/submission/smtpd[77]: ")
                    .append(id)
                    .append(": client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=thief@example.org\n")
                    .append(stamp)
                    .append(" mx1 postfix/qmgr[9]: ")
                    .append(id)
                    .append(": from=<thief@example.org>, size=1800, nrcpt=5 (queue active)\n");
        }
        return lines.toString();
    }

    private static ConsumerRecord<String, byte[]> first(String brokers, String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                brokers,
                "group.id",
                "test",
                "auto.offset.reset",
                "earliest",
                "isolation.level",
                "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    return record;
                }
            }
        }
        throw new AssertionError("nothing came on " + topic);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void awaits(Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static boolean contains(Path map, String key) throws IOException {
        return new String(Files.readAllBytes(map), StandardCharsets.ISO_8859_1).contains(key + "\0");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
