package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.control.Control;
import io.postbrake.event.MailEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that others wrote, with schemas of their own, cost no more than their bytes. */
class ForeignWriterTest {
    private static final Schema STRING = Schema.create(Schema.Type.STRING);
    private static final Schema NULL = Schema.create(Schema.Type.NULL);

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

    @BeforeEach
    void registerTheCatalogue() {
        new SchemaAdmin(registry).register();
    }

    static Stream<Arguments> costly() {
        return Stream.of(
                Arguments.of("a list of nothing", Schema.createArray(NULL), "takes no byte"),
                Arguments.of("a map of nothing", Schema.createMap(NULL), "takes no byte"),
                Arguments.of(
                        "a list of empty records",
                        Schema.createArray(Schema.createRecord("Empty", null, "theirs", false, List.of())),
                        "takes no byte"),
                Arguments.of(
                        "a list of empty fixeds",
                        Schema.createArray(Schema.createFixed("Zero", null, "theirs", 0)),
                        "takes no byte"),
                Arguments.of("a chain", chain(), "holds itself"),
                Arguments.of("pairs of pairs", pairs(14), "unfolds"),
                Arguments.of("pairs of pairs, more than a long counts", pairs(30), "unfolds"),
                Arguments.of("lists in lists", lists(40), "nests"),
                Arguments.of("records in records", chainOf(40), "nests"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("costly")
    void refusesAWriterWhoseRecordsCostMoreThanTheirBytes(String name, Schema type, String reason) {
        // Given
        Schema writer = eventWith(type);
        int id = registry.register("foreign-value", writer);
        byte[] record = {0, 0, 0, 0, (byte) id, 2, 2, 2, 2, 2};
        // When, Then
        assertThatThrownBy(() ->
                        WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", record))
                .isInstanceOf(BadRecordException.class)
                .hasMessageContaining("schema id " + id)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesAWriterThatTheReaderIsNotCompatibleWith() {
        // Given
        int id = registry.register(
                "foreign-value",
                SchemaBuilder.record("MailEvent")
                        .namespace("theirs")
                        .fields()
                        .requiredInt("kind")
                        .endRecord());
        byte[] record = {0, 0, 0, 0, (byte) id, 2};
        // When, Then
        assertThatThrownBy(() ->
                        WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", record))
                .isInstanceOf(BadRecordException.class)
                .hasMessageContaining("cannot be read from it");
    }

    @Test
    void handsOnTheBytesThatCouldNotBeRead() {
        // Given
        byte[] record = {0, 0, 0, 0, 1, 2};
        // When, Then
        assertThatThrownBy(() ->
                        WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", record))
                .isInstanceOfSatisfying(
                        BadRecordException.class,
                        e -> assertThat(e.recordOrNull()).isEqualTo(record));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsALaterVersionWhoseListsItDoesNotKnowHoweverTheyAreCut(boolean inBlocks) throws IOException {
        // Given
        Schema later = eventWith(Schema.createArray(STRING));
        int id = registry.register("foreign-value", later);
        byte[] record = written(id, event(later, Collections.nCopies(5_000, "user@example.org")), inBlocks);
        // When
        MailEvent read = WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", record);
        // Then
        assertThat(read).isEqualTo(Records.event());
    }

    @Test
    void readsAsManyEntriesAsAreThere() {
        // Given
        WireSerde<Control> serde = WireSerde.of(registry, Control.class);
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            settings.put("k" + i, "");
        }
        Control control = control(settings);
        // When
        byte[] bytes = serde.serializer().serialize(Topics.CONTROL.name(), control);
        // Then
        assertThat(serde.deserializer().deserialize("any", bytes)).isEqualTo(control);
    }

    @Test
    void refusesMoreEntriesThanAnyRecordHas() {
        // Given
        WireSerde<Control> serde = WireSerde.of(registry, Control.class);
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i <= BoundedDecoder.MOST_ITEMS; i++) {
            settings.put("k" + i, "");
        }
        byte[] bytes = serde.serializer().serialize(Topics.CONTROL.name(), control(settings));
        // When, Then
        assertThatThrownBy(() -> serde.deserializer().deserialize("any", bytes))
                .isInstanceOf(BadRecordException.class)
                .hasRootCauseMessage("a list or map of " + (BoundedDecoder.MOST_ITEMS + 1)
                        + " entries more in a message of " + (bytes.length - 5) + " bytes");
    }

    private static Control control(Map<String, String> settings) {
        return Control.newBuilder()
                .setSettings(settings)
                .setAllow(List.of())
                .setActor("ann")
                .setReason("test")
                .setAt(Instant.EPOCH)
                .build();
    }

    private static Schema eventWith(Schema type) {
        return Evolution.withFields(Topics.MAIL_EVENTS.schema(), new Schema.Field("theirs", type, "Theirs."));
    }

    private static GenericData.Record event(Schema writer, Object theirs) {
        GenericData.Record event = new GenericData.Record(writer);
        var ours = ConnectRecords.fromStruct(ConnectRecords.toStruct(Records.event()), Topics.MAIL_EVENTS.schema());
        Topics.MAIL_EVENTS.schema().getFields().forEach(field -> event.put(field.name(), ours.get(field.pos())));
        event.put("theirs", theirs);
        return event;
    }

    private static byte[] written(int id, GenericData.Record record, boolean inBlocks) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(new byte[] {0, 0, 0, 0, (byte) id});
        BinaryEncoder encoder = inBlocks
                ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null)
                : EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericData.Record>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** A list of names, each with the rest of it. */
    private static Schema chain() {
        Schema link = Schema.createRecord("Link", null, "theirs", false);
        link.setFields(List.of(
                new Schema.Field("name", STRING),
                new Schema.Field("next", Schema.createUnion(NULL, link), null, Schema.Field.NULL_DEFAULT_VALUE)));
        return link;
    }

    private static Schema pairs(int height) {
        Schema pair = STRING;
        for (int i = 0; i < height; i++) {
            pair = Schema.createRecord(
                    "Pair" + i,
                    null,
                    "theirs",
                    false,
                    List.of(new Schema.Field("left", pair), new Schema.Field("right", pair)));
        }
        return pair;
    }

    private static Schema chainOf(int height) {
        Schema inner = STRING;
        for (int i = 0; i < height; i++) {
            inner = Schema.createRecord("Box" + i, null, "theirs", false, List.of(new Schema.Field("inner", inner)));
        }
        return inner;
    }

    private static Schema lists(int height) {
        Schema list = STRING;
        for (int i = 0; i < height; i++) {
            list = Schema.createArray(list);
        }
        return list;
    }
}
