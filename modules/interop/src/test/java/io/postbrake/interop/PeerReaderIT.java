package io.postbrake.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import io.postbrake.testkit.RegistryProcess;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.ConnectRecords;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else's Avro serializer and deserializer against a real registry: they read our bytes, and we read theirs. */
class PeerReaderIT {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");

    @TempDir
    static Path dir;

    private static RegistryProcess server;
    private static ConfluentSchemaRegistry registry;

    @BeforeAll
    static void start() throws Exception {
        server = RegistryProcess.start(Path.of(System.getProperty("apicurio.home")), dir.resolve("registry.log"));
        registry = ConfluentSchemaRegistry.connect(server.confluentUrl(), Map.of());
        new SchemaAdmin(registry).register();
    }

    @AfterAll
    static void stop() throws Exception {
        if (registry != null) {
            registry.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aPeerReadsAnEventOfOurs() {
        // Given
        byte[] ours = ourBytes(Topics.MAIL_EVENTS, event());
        // When
        GenericRecord read = (GenericRecord) theirBytesRead(Topics.MAIL_EVENTS.name(), ours);
        // Then
        assertThat(read.getSchema().getFullName()).isEqualTo("io.postbrake.event.MailEvent");
        assertThat(read.get("kind")).hasToString("client");
        assertThat(read.get("helo")).hasToString("grüße\u0000\n=evil");
        assertThat(read.get("position")).isEqualTo(4711L);
        assertThat(read.get("queueId")).isNull();
    }

    @Test
    void aPeerReadsABlockOfOurs() {
        // Given
        byte[] ours = ourBytes(Topics.BLOCKS, block());
        // When
        GenericRecord read = (GenericRecord) theirBytesRead(Topics.BLOCKS.name(), ours);
        // Then
        assertThat(read.get("subject")).hasToString("user@my-domain.net");
        assertThat(read.get("score")).isEqualTo(0.97);
        assertThat(read.get("blockId").toString())
                .isEqualTo(block().getBlockId().toString());
    }

    @Test
    void weReadAnEventOfAPeersAndItsBytesAreOurs() {
        // Given
        byte[] ours = ourBytes(Topics.MAIL_EVENTS, event());
        GenericRecord record = ConnectRecords.fromStruct(ConnectRecords.toStruct(event()), Topics.MAIL_EVENTS.schema());
        // When
        byte[] theirs = theirBytes(Topics.MAIL_EVENTS.name(), record);
        // Then
        assertThat(WireSerde.of(registry, MailEvent.class)
                        .deserializer()
                        .deserialize(Topics.MAIL_EVENTS.name(), theirs))
                .isEqualTo(event());
        assertThat(theirs).isEqualTo(ours);
        assertThat(ByteBuffer.wrap(theirs).getInt(1))
                .isEqualTo(registry.idOf(Topics.MAIL_EVENTS.subject(), Topics.MAIL_EVENTS.schema()));
    }

    private static <V extends SpecificRecord> byte[] ourBytes(Topic<V> topic, V value) {
        return WireSerde.of(registry, topic.type()).serializer().serialize(topic.name(), value);
    }

    private static Object theirBytesRead(String topic, byte[] bytes) {
        try (var peer = new AvroKafkaDeserializer<Object>()) {
            peer.configure(Map.of("apicurio.registry.url", server.nativeUrl()), false);
            return peer.deserialize(topic, bytes);
        }
    }

    private static byte[] theirBytes(String topic, GenericRecord record) {
        try (var peer = new AvroKafkaSerializer<GenericRecord>()) {
            peer.configure(
                    Map.of(
                            "apicurio.registry.url",
                            server.nativeUrl(),
                            "apicurio.registry.artifact.group-id",
                            "default",
                            "apicurio.registry.find-latest",
                            true),
                    false);
            return peer.serialize(topic, record);
        }
    }

    private static MailEvent event() {
        return MailEvent.newBuilder()
                .setKind("client")
                .setHostId("mx1")
                .setSourceId("file-1")
                .setGeneration(0)
                .setPosition(4711)
                .setOccurredAt(NOON)
                .setReadAt(NOON.plusMillis(250))
                .setHelo("grüße\u0000\n=evil")
                .build();
    }

    private static Block block() {
        return Block.newBuilder()
                .setBlockId(UUID.fromString("0a1b2c3d-58c5-4f0a-9d2c-0d8f3f9f9f11"))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setReference("PB-1")
                .setAction("reject")
                .setReason("stolen password")
                .setScore(0.97)
                .setIncidentId(UUID.fromString("6f2c1f0e-58c5-4f0a-9d2c-0d8f3f9f9f11"))
                .setDecidedAt(NOON)
                .setLastEvidenceAt(NOON)
                .setEndsAt(NOON.plusSeconds(3600))
                .build();
    }
}
