package io.postbrake.local;

import io.postbrake.app.DetectorConfig;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Broker, registry and topics, with a gate through which the part under test reaches the registry. */
final class Cluster implements AutoCloseable {

    private final Path dir;
    private final int partitions;
    private final EmbeddedBroker broker;
    private final EmbeddedRegistry server;
    private final ConfluentSchemaRegistry registry;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<String, WireSerde<?>> serdes = new ConcurrentHashMap<>();
    final RegistryGate gate;

    private Cluster(Path dir, int partitions, int brokerPort, int registryPort) throws IOException {
        this.dir = dir;
        this.partitions = partitions;
        broker = EmbeddedBroker.start(dir.resolve("broker"), brokerPort);
        server = EmbeddedRegistry.start(dir.resolve("registry.json"), registryPort);
        registry = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        new SchemaAdmin(registry).register();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            new TopicAdmin(admin, partitions, (short) 1).create();
        }
        producer = new KafkaProducer<>(client(), new StringSerializer(), new ByteArraySerializer());
        gate = new RegistryGate(server.url(), RegistryGate.Mode.OPEN);
    }

    static Cluster start(Path dir) throws IOException {
        return new Cluster(dir, 1, 0, 0);
    }

    static Cluster start(Path dir, int partitions) throws IOException {
        return new Cluster(dir, partitions, 0, 0);
    }

    /** One whose broker and registry are where somebody already looks for them. */
    static Cluster start(Path dir, int brokerPort, int registryPort) throws IOException {
        return new Cluster(dir, 1, brokerPort, registryPort);
    }

    String bootstrap() {
        return broker.bootstrapServers();
    }

    /** The registry itself, past the gate. */
    ConfluentSchemaRegistry registry() {
        return registry;
    }

    /** A detector that sees the registry through the gate and keeps no state of earlier ones on this disk. */
    DetectorConfig detector() {
        return new DetectorConfig(
                Map.of("bootstrap.servers", bootstrap()),
                gate.url(),
                Map.of(),
                "postbrake-detector",
                dir.resolve("detector"),
                1,
                List.of(),
                0,
                DetectionConfig.defaults());
    }

    /** One of several instances, with a state directory of its own. */
    DetectorConfig detector(String instance, ConsoleConfig console) {
        return new DetectorConfig(
                Map.of("bootstrap.servers", bootstrap()),
                server.url(),
                Map.of(),
                "postbrake-detector",
                dir.resolve(instance),
                partitions,
                List.of(),
                List.of(),
                -1,
                InetAddress.getLoopbackAddress(),
                console,
                DetectionConfig.defaults(),
                null);
    }

    <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) {
        sendBytes(topic.name(), key, bytes(topic, value));
    }

    <V extends SpecificRecord> byte[] bytes(Topic<V> topic, V value) {
        return serde(topic).serializer().serialize(topic.name(), value);
    }

    void sendBytes(String topic, String key, byte[] value) {
        var unused = producer.send(new ProducerRecord<>(topic, key, value));
    }

    /** Everything sent so far is on the broker. */
    void flush() {
        producer.flush();
    }

    /** Committed records of a topic from its beginning, tombstones left out. */
    <V extends SpecificRecord> List<V> read(Topic<V> topic) {
        return read(topic, 0);
    }

    /** The same of one partition. */
    <V extends SpecificRecord> List<V> read(Topic<V> topic, int partition) {
        var deserializer = serde(topic).deserializer();
        return raw(topic.name(), partition).stream()
                .filter(record -> record.value() != null)
                .map(record -> deserializer.deserialize(topic.name(), record.value()))
                .toList();
    }

    List<ConsumerRecord<String, byte[]>> deadLetters() {
        return raw(Topics.DEAD_LETTER);
    }

    /** Committed records of a topic as they stand there. */
    List<ConsumerRecord<String, byte[]>> raw(String topic) {
        return raw(topic, 0);
    }

    private List<ConsumerRecord<String, byte[]>> raw(String topic, int number) {
        var partition = new TopicPartition(topic, number);
        List<ConsumerRecord<String, byte[]>> result = new ArrayList<>();
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap(), "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(result::add);
            }
        }
        return result;
    }

    @SuppressWarnings("unchecked") // Each topic's serde was made for it.
    private <V extends SpecificRecord> WireSerde<V> serde(Topic<V> topic) {
        return (WireSerde<V>) serdes.computeIfAbsent(topic.name(), n -> WireSerde.of(registry, topic.type()));
    }

    private Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrap(), "linger.ms", "5");
    }

    @Override
    public void close() throws IOException {
        producer.close();
        gate.close();
        registry.close();
        server.close();
        broker.close();
    }
}
