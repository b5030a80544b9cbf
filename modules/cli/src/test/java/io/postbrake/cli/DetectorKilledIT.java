package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The detector as a process of its own is killed between two messages of a thief, and started again. */
@Timeout(900)
class DetectorKilledIT {

    /** Half of a thief's messages come before the kill, half after it; only together they are too many. */
    private static final int HALF = 30;
    /** Session and transaction time-outs are 10 s; the rest is the start of a virtual machine on a busy one. */
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    private EmbeddedBroker broker;
    private EmbeddedRegistry server;
    private ConfluentSchemaRegistry registry;
    private KafkaProducer<String, MailEvent> producer;
    private KafkaConsumer<String, Block> blocks;
    private final Set<String> blocked = new HashSet<>();
    private Path config;
    private int httpPort;
    private int messages;

    @BeforeEach
    void cluster() throws Exception {
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        server = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        registry = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        new SchemaAdmin(registry).register();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicAdmin(admin, 1, (short) 1).create();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                WireSerde.of(registry, MailEvent.class).serializer());
        blocks = reader(Topics.BLOCKS);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            httpPort = free.getLocalPort();
        }
        config = Files.writeString(dir.resolve("detector.yaml"), """
                kafka:
                  bootstrap.servers: %s
                registry:
                  url: %s
                state.dir: %s
                partitions: 1
                http.port: %d
                """.formatted(
                        broker.bootstrapServers(), server.url(), dir.resolve("state"), httpPort));
    }

    @AfterEach
    void stop() throws Exception {
        blocks.close();
        producer.close();
        registry.close();
        server.close();
        broker.close();
    }

    @Test
    void blocksAgainAndCountsEveryMessageOnce() throws Exception {
        killed(1);
    }

    @Test
    @Tag("soak")
    void blocksAgainTenTimes() throws Exception {
        killed(10);
    }

    private void killed(int times) throws Exception {
        List<Long> took = new ArrayList<>();
        CommandProcess detector = started();
        try {
            awaits(
                    "the detector runs",
                    detector,
                    () -> CommandProcess.get(httpPort, "/health/ready").status() == 200);
            sends("first@my-domain.net", 2 * HALF);
            awaits("the first thief is blocked", detector, () -> isBlocked("first@my-domain.net"));
            for (int i = 0; i < times; i++) {
                // Given
                String thief = "thief" + i + "@my-domain.net";
                sends(thief, HALF);
                TimeUnit.MILLISECONDS.sleep(15); // Somewhere in a transaction.
                // When
                detector.kill();
                long killed = System.nanoTime();
                sends(thief, HALF);
                detector = started();
                // Then
                awaits("the thief is blocked all the same", detector, () -> isBlocked(thief));
                took.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed));
            }
            int all = 2 * messages;
            awaits("all is told", detector, () -> submissions().size() >= all);
            assertThat(submissions()).hasSize(all).doesNotHaveDuplicates();
        } finally {
            detector.close();
        }
        took.sort(null);
        System.out.printf(
                "kill -9 of the detector to the first block afterwards, started again at once: p50 %d ms, worst %d ms"
                        + " (%d times)%n",
                took.get(times / 2), took.get(times - 1), times);
        assertThat(Duration.ofMillis(took.get(times - 1))).isLessThan(BOUND);
    }

    private CommandProcess started() throws Exception {
        return CommandProcess.start(dir.resolve("detector.log"), "detector", "--config", config.toString());
    }

    private void sends(String account, int count) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (int i = 0; i < count; i++) {
            String id = "Q" + messages;
            sends(event("client", 2L * messages, id, now)
                    .setService("submission")
                    .setClientIp("201.91.101.26")
                    .setSaslMethod("PLAIN")
                    .setSaslUsername(account));
            sends(event("queued", 2L * messages + 1, id, now)
                    .setFrom(account)
                    .setSize(1000L)
                    .setNrcpt(1L));
            messages++;
        }
        producer.flush();
    }

    private void sends(MailEvent.Builder event) {
        var unused = producer.send(new ProducerRecord<>(Topics.MAIL_EVENTS.name(), "mx1", event.build()));
    }

    private static MailEvent.Builder event(String kind, long position, String queueId, Instant at) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("load")
                .setGeneration(0)
                .setPosition(position)
                .setOccurredAt(at)
                .setReadAt(at)
                .setQueueId(queueId);
    }

    private boolean isBlocked(String account) {
        blocks.poll(Duration.ofMillis(20)).forEach(record -> {
            if (record.value() != null) {
                blocked.add(record.value().getSubject());
            }
        });
        return blocked.contains(account);
    }

    private List<String> submissions() {
        List<String> result = new ArrayList<>();
        try (var reader = reader(Topics.MAIL_SUBMISSIONS)) {
            var partition = new TopicPartition(Topics.MAIL_SUBMISSIONS.name(), 0);
            long end = reader.endOffsets(List.of(partition)).get(partition);
            while (reader.position(partition) < end) {
                reader.poll(Duration.ofMillis(100))
                        .forEach(record -> result.add(record.value().getQueueId() + " "
                                + record.value().getPhase()));
            }
        }
        return result;
    }

    private <V extends SpecificRecord> KafkaConsumer<String, V> reader(Topic<V> topic) {
        var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
        var partition = List.of(new TopicPartition(topic.name(), 0));
        consumer.assign(partition);
        consumer.seekToBeginning(partition);
        return consumer;
    }

    private static void awaits(String what, CommandProcess detector, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(detector.isAlive()).as(detector.said()).isTrue();
            assertThat(System.nanoTime())
                    .as("%s; it said %s", what, detector.said())
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
