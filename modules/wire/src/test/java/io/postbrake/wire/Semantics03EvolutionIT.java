package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A later version of the events, with two new kinds and a nested record, lives beside today's under FULL_TRANSITIVE. */
class Semantics03EvolutionIT {

    @TempDir
    private Path dir;

    private final String subject = "evolution-" + UUID.randomUUID() + "-value";
    private final Schema today = Topics.MAIL_EVENTS.schema();
    private final Schema first = Evolution.withFields(today, Evolution.number("penalty"), Evolution.text("listName"));
    private final Schema second = Evolution.withNestedRecord(first);

    @ParameterizedTest
    @ValueSource(strings = {"embedded", "apicurio"})
    void bothVersionsReadEachOther(String kind) throws Exception {
        try (var server = kind.equals("embedded") ? EmbeddedRegistry.start(dir.resolve("schemas.json"), 0) : null;
                var registry =
                        ConfluentSchemaRegistry.connect(server == null ? Apicurio.url() : server.url(), Map.of())) {
            // Given
            registry.register(subject, today);
            registry.setCompatibility(subject, "FULL_TRANSITIVE");
            // When
            registry.register(subject, first);
            int later = registry.register(subject, second);
            // Then
            byte[] ofTomorrow = WireFormat.encode(later, tomorrowsEvent(), GenericData.get());
            MailEvent read = WireSerde.of(registry, MailEvent.class)
                    .deserializer()
                    .deserialize(Topics.MAIL_EVENTS.name(), ofTomorrow);
            assertThat(read.getKind()).isEqualTo("greylisted");
            assertThat(read.getQueueId()).isEqualTo("4XyZ");
            var converter = new PostbrakeConverter(registry);
            Struct struct = (Struct) converter
                    .toConnectData(Topics.MAIL_EVENTS.name(), ofTomorrow)
                    .value();
            assertThat(struct.getString("kind")).isEqualTo("greylisted");
            byte[] ofToday = WireFormat.encode(
                    registry.idOf(subject, today), ConnectRecords.fromStruct(struct, today), GenericData.get());
            GenericRecord back =
                    new WireFormat.Reader<GenericRecord>(registry, second, GenericData.get()).decode(ofToday);
            assertThat(back.get("penalty")).isNull();
            assertThat(back.get("later")).isNull();
            assertThat(back.get("kind")).hasToString("greylisted");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"embedded", "apicurio"})
    void anEnumOrARequiredFieldIsRefused(String kind) throws Exception {
        try (var server = kind.equals("embedded") ? EmbeddedRegistry.start(dir.resolve("schemas.json"), 0) : null;
                var registry =
                        ConfluentSchemaRegistry.connect(server == null ? Apicurio.url() : server.url(), Map.of())) {
            // Given
            registry.register(subject, today);
            registry.setCompatibility(subject, "FULL_TRANSITIVE");
            Schema narrowed = Evolution.withKindAsEnum(
                    today, SchemaBuilder.enumeration("Kind").symbols("client"));
            // When, Then
            assertThatThrownBy(() -> registry.register(subject, narrowed)).isInstanceOf(BadRecordException.class);
            assertThatThrownBy(() -> registry.register(subject, Evolution.withRequiredField(today)))
                    .isInstanceOf(BadRecordException.class);
        }
    }

    @Test
    void theLevelsAreTheOnesOfTheDesign() {
        assertThat(Topics.all())
                .allSatisfy(topic -> assertThat(topic.compatibility())
                        .as(topic.name())
                        .isEqualTo(
                                topic.type().getName().startsWith("io.postbrake.state.")
                                        ? "BACKWARD_TRANSITIVE"
                                        : "FULL_TRANSITIVE"));
    }

    private GenericRecord tomorrowsEvent() {
        GenericRecord base = ConnectRecords.fromStruct(ConnectRecords.toStruct(Records.event()), today);
        var event = new GenericRecordBuilder(second);
        today.getFields().forEach(field -> event.set(field.name(), base.get(field.name())));
        Schema nested = second.getField("later").schema().getTypes().get(1);
        return event.set("kind", "greylisted")
                .set("penalty", 300L)
                .set(
                        "later",
                        new GenericRecordBuilder(nested).set("name", "triplet").build())
                .build();
    }
}
