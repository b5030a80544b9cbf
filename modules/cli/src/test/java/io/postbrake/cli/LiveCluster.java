package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Broker, registry, topics and, when started, a detector in this JVM; commands run as an operator types them. */
final class LiveCluster implements AutoCloseable {

    private static final String GROUP = "postbrake-detector";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dir;
    private final int partitions;
    private final EmbeddedBroker broker;
    private final EmbeddedRegistry server;
    private final ConfluentSchemaRegistry registry;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<String, Long> positions = new HashMap<>();
    private final PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(2026));
    private Detector detector;

    /** What a command said. */
    record Said(int status, String out, String err) {}

    LiveCluster(Path dir, int partitions) throws IOException {
        this.dir = dir;
        this.partitions = partitions;
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        server = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        registry = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        new SchemaAdmin(registry).register();
        try (Admin admin = admin()) {
            new TopicAdmin(admin, partitions, (short) 1).create();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    /** Starts the detector, after {@link #stop} again with what it left. */
    void start(Path... geo) throws Exception {
        startWith(List.of(geo), List.of());
    }

    /** The same, with lists of addresses. */
    void startWith(List<Path> geo, List<String> lists) throws Exception {
        detector = Detector.start(new DetectorConfig(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                server.url(),
                Map.of(),
                GROUP,
                dir.resolve("state"),
                partitions,
                geo,
                lists,
                0,
                InetAddress.getLoopbackAddress(),
                ConsoleConfig.off(),
                DetectionConfig.defaults(),
                null));
        awaits("the detector runs", detector::ready);
    }

    void stop() {
        detector.close();
        detector = null;
    }

    /** The running detector's own count of something. */
    double metric(String name) {
        String page = CommandProcess.get(detector.httpPort(), "/metrics").text();
        return page.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What a shipper makes of a host's line, read now. */
    void ships(String host, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        long position = positions.merge(host, bytes.length + 1L, Long::sum) - bytes.length - 1;
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        MailEvent event =
                parser.parse(bytes, 0, bytes.length, new LineOrigin(host, host + "-shipped", 0, position, now));
        sends(Topics.MAIL_EVENTS, host, event);
    }

    <V extends SpecificRecord> void sends(Topic<V> topic, String key, V value) {
        sends(
                topic.name(),
                key,
                WireSerde.of(registry, topic.type()).serializer().serialize(topic.name(), value));
    }

    void sends(String topic, String key, byte[] value) {
        var unused = producer.send(new ProducerRecord<>(topic, key, value));
    }

    /** Everything sent so far is on the brokers. */
    void awaitsSent() {
        producer.flush();
    }

    /** The detector has committed all that stands on the topic. */
    void awaitsConsumed(String topic) throws Exception {
        awaitsConsumed(topic, 0);
    }

    private void awaitsConsumed(String topic, int left) throws Exception {
        producer.flush();
        try (Admin admin = admin();
                var reader = reader()) {
            List<TopicPartition> all = partitions(topic);
            Map<TopicPartition, Long> ends = reader.endOffsets(all);
            awaits("all of " + topic + " is taken", () -> {
                Map<TopicPartition, OffsetAndMetadata> committed = committed(admin);
                return all.stream()
                        .allMatch(p -> ends.get(p) == 0
                                || (committed.get(p) != null && committed.get(p).offset() >= ends.get(p) - left));
            });
        }
    }

    /** All that was shipped is judged: one hop by host, one by subject. */
    void awaitsJudged() throws Exception {
        awaitsConsumed(Topics.MAIL_EVENTS.name());
        // The last offset there is the marker of the transaction, which is no record.
        awaitsConsumed(GROUP + "-by-subject-repartition", 1);
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin) {
        try {
            return admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<TopicPartition> partitions(String topic) {
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(topic, i));
        }
        return all;
    }

    /** Blocks in force, by subject. */
    Map<String, Block> blocks() {
        return newest(Topics.BLOCKS);
    }

    /** Incidents as last told, by id. */
    Map<String, Alert> alerts() {
        return newest(Topics.ALERTS);
    }

    private <V extends SpecificRecord> Map<String, V> newest(Topic<V> topic) {
        var deserializer = WireSerde.of(registry, topic.type()).deserializer();
        Map<String, V> newest = new LinkedHashMap<>();
        for (ConsumerRecord<String, byte[]> record : all(topic.name())) {
            if (record.value() == null) {
                newest.remove(record.key());
            } else {
                newest.put(record.key(), deserializer.deserialize(topic.name(), record.value()));
            }
        }
        return newest;
    }

    /** Values of the committed records of one key, tombstones left out. */
    <V extends SpecificRecord> List<V> decoded(Topic<V> topic, String key) {
        var deserializer = WireSerde.of(registry, topic.type()).deserializer();
        return all(topic.name()).stream()
                .filter(record -> key.equals(record.key()) && record.value() != null)
                .map(record -> deserializer.deserialize(topic.name(), record.value()))
                .toList();
    }

    /** A subject's state as the detector's changelog has it. */
    SubjectState state(String key) {
        String changelog = GROUP + "-subject-states-changelog";
        byte[] newest = null;
        for (ConsumerRecord<String, byte[]> record : all(changelog)) {
            newest = key.equals(record.key()) ? record.value() : newest;
        }
        return newest == null
                ? null
                : WireSerde.of(registry, SubjectState.class).deserializer().deserialize(changelog, newest);
    }

    /** Values of all committed records of a topic. */
    <V extends SpecificRecord> List<V> decoded(Topic<V> topic) {
        var deserializer = WireSerde.of(registry, topic.type()).deserializer();
        return all(topic.name()).stream()
                .map(record -> deserializer.deserialize(topic.name(), record.value()))
                .toList();
    }

    /** Committed records of a topic, in order within each partition. */
    List<ConsumerRecord<String, byte[]>> all(String topic) {
        List<ConsumerRecord<String, byte[]>> result = new ArrayList<>();
        try (var reader = reader()) {
            List<TopicPartition> all = partitions(topic);
            reader.assign(all);
            reader.seekToBeginning(all);
            Map<TopicPartition, Long> ends = reader.endOffsets(all);
            while (all.stream().anyMatch(p -> reader.position(p) < ends.get(p))) {
                reader.poll(Duration.ofMillis(100)).forEach(result::add);
            }
        }
        return result;
    }

    private KafkaConsumer<String, byte[]> reader() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Runs a command against this cluster. */
    Said runs(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--bootstrap", broker.bootstrapServers(), "--registry", server.url()));
        return says(arguments.toArray(String[]::new));
    }

    /** Runs a command. */
    static Said says(String... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
        return new Said(status, out.toString(), err.toString());
    }

    static void awaits(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Override
    public void close() throws IOException {
        if (detector != null) {
            stop();
        }
        producer.close();
        registry.close();
        server.close();
        broker.close();
    }
}
