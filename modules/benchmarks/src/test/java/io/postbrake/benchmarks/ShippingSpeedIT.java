package io.postbrake.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.testkit.Report;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How fast the agent ships a log, beside Kafka's producer sending the same lines as they are. */
@Tag("soak")
@Timeout(600)
class ShippingSpeedIT {

    private static final String PLAIN = "plain-lines";
    private static final int ROUNDS = 3;
    private static final int MESSAGES = 50_000;
    private static final int LINES = MESSAGES * 8;
    /** Lines a second: more than a busy host writes, on a machine that is busy with other things. */
    private static final double LEAST = 10_000;

    @TempDir
    private Path dir;

    private EmbeddedBroker broker;

    @Test
    void aBacklogIsShippedFasterThanAHostWritesIt() throws Exception {
        Path lines = lines();
        List<Double> ours = new ArrayList<>();
        List<Double> plain = new ArrayList<>();
        double read;
        try (var server = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
                var registry = ConfluentSchemaRegistry.connect(server.url(), Map.of())) {
            broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
            new SchemaAdmin(registry).register();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                new TopicAdmin(admin, 1, (short) 1).create();
                admin.createTopics(List.of(new NewTopic(PLAIN, 1, (short) 1)))
                        .all()
                        .get();
            }
            Path log = Files.writeString(
                    dir.resolve("mail.log"), Files.readAllLines(lines).get(0) + "\n");
            Process agent = agent(log, server.url());
            try {
                arrives(Topics.MAIL_EVENTS.name(), 1, agent);
                for (int i = 0; i < ROUNDS; i++) {
                    plain.add(plainly(lines));
                    ours.add(shipped(lines, log, agent));
                }
            } finally {
                agent.destroyForcibly().waitFor();
            }
            read = onlyRead(lines);
        } finally {
            broker.close();
        }
        double ratio = best(ours) / best(plain);

        Report.write(
                "shipping.md",
                "Shipping a log",
                List.of(
                        String.format(
                                Locale.ROOT,
                                "%,d lines (%,d bytes) are appended at once to a log that the agent follows, a process as its"
                                        + " package starts it (64 MiB of heap); measured until the topic has an event of each."
                                        + " Beside it, in the same run and against the same broker on the same machine,"
                                        + " `KafkaProducer` sends the same lines as they are (`acks=all`, lz4, 5 ms of"
                                        + " lingering) until all are acknowledged. Best of %d rounds (`ShippingSpeedIT`).",
                                LINES,
                                Files.size(lines),
                                ROUNDS),
                        "",
                        "| | lines a second |",
                        "|---|---|",
                        String.format(
                                Locale.ROOT, "| Postbrake: file to parsed events in the topic | %,.0f |", best(ours)),
                        String.format(
                                Locale.ROOT, "| `KafkaProducer`: file to lines in a topic | %,.0f |", best(plain)),
                        String.format(Locale.ROOT, "| `BufferedReader`: lines read, no more | %,.0f |", read),
                        "",
                        String.format(Locale.ROOT, "Ratio to the plain producer: %.2f.", ratio)));

        assertThat(best(ours)).isGreaterThan(LEAST);
    }

    private Path lines() throws IOException {
        Path file = dir.resolve("lines");
        Instant at = Instant.now().minusSeconds(3600);
        try (var out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < MESSAGES; i++) {
                for (String line :
                        Lines.message(at, i, "user" + i % 500 + "@my-domain.net", "192.0.2." + (1 + i % 250))) {
                    out.write(line);
                    out.write('\n');
                }
            }
        }
        return file;
    }

    private Process agent(Path log, String registry) throws IOException {
        Path config = Files.writeString(dir.resolve("agent.yaml"), """
                host.id: mx1
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                state.dir: %s
                source: {log.paths: ["%s"]}
                http.port: -1
                """.formatted(
                        broker.bootstrapServers(), registry, dir.resolve("state"), log));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-Xss512k",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:ReservedCodeCacheSize=24m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.postbrake.agent.Agent",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("agent.out").toFile())
                .start();
    }

    private double shipped(Path lines, Path log, Process agent) throws Exception {
        long before = end(Topics.MAIL_EVENTS.name());
        byte[] bytes = Files.readAllBytes(lines);
        long from = System.nanoTime();
        Files.write(log, bytes, StandardOpenOption.APPEND);
        arrives(Topics.MAIL_EVENTS.name(), before + LINES, agent);
        return pace(from);
    }

    private double plainly(Path lines) throws IOException {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "acks",
                "all",
                "compression.type",
                "lz4",
                "linger.ms",
                "5");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
                BufferedReader reader = Files.newBufferedReader(lines)) {
            producer.partitionsFor(PLAIN);
            long from = System.nanoTime();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                var unused = producer.send(new ProducerRecord<>(PLAIN, "mx1", line.getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
            return pace(from);
        }
    }

    private static double onlyRead(Path lines) throws IOException {
        double best = 0;
        for (int i = 0; i < 5; i++) {
            long from = System.nanoTime();
            try (BufferedReader reader = Files.newBufferedReader(lines)) {
                assertThat(reader.lines().count()).isEqualTo(LINES);
            }
            best = Math.max(best, pace(from));
        }
        return best;
    }

    private static double pace(long from) {
        return LINES / ((System.nanoTime() - from) / 1e9);
    }

    private static double best(List<Double> paces) {
        return paces.stream().mapToDouble(p -> p).max().orElseThrow();
    }

    private void arrives(String topic, long count, Process agent) throws Exception {
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (end(topic) < count) {
            assertThat(agent.isAlive() && System.nanoTime() < until)
                    .as(() -> "it ships: " + dir.resolve("agent.out"))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(end(topic)).isEqualTo(count);
    }

    private long end(String topic) {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }
}
