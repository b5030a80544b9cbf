package io.postbrake.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordWriterTest {

    private static final int TRIES = 200;

    private interface Writes {
        void write(IndexedRecord record, BinaryEncoder out) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Alert.class,
                Block.class,
                Control.class,
                EnforcementReport.class,
                Finding.class,
                HostsState.class,
                MailEvent.class,
                OpenMessage.class,
                OperatorOverride.class,
                SubjectState.class,
                Submission.class,
                Watermark.class
            })
    void writesWhatAvrosOwnWriterDoes(Class<? extends SpecificRecord> type) throws IOException {
        // Given
        SpecificData model = SpecificData.getForClass(type);
        Schema schema = model.getSchema(type);
        var ours = new RecordWriter(schema);
        var theirs = new SpecificDatumWriter<IndexedRecord>(schema, model);
        var registry = new InMemorySchemaRegistry();
        int id = registry.register("made-up", schema);
        var reader = new WireFormat.Reader<IndexedRecord>(registry, schema, model);
        for (Object drawn : new RandomData(schema, TRIES, 7L)) {
            byte[] bytes = WireFormat.encode(id, (IndexedRecord) withIds(drawn, schema), GenericData.get());
            IndexedRecord record = reader.decode(bytes);
            // When
            byte[] written = bytes(record, ours::write);
            // Then
            assertThat(written).isEqualTo(bytes(record, theirs::write));
            assertThat(written).isEqualTo(Arrays.copyOfRange(bytes, 5, bytes.length));
        }
    }

    /** Avro draws any text where an identifier belongs. */
    private static Object withIds(Object drawn, Schema schema) {
        if (schema.isUnion()) {
            return drawn == null ? null : withIds(drawn, schema.getTypes().get(1));
        }
        if (schema.getLogicalType() instanceof LogicalTypes.Uuid) {
            return UUID.nameUUIDFromBytes(drawn.toString().getBytes(UTF_8)).toString();
        }
        if (drawn instanceof IndexedRecord record) {
            schema.getFields().forEach(f -> record.put(f.pos(), withIds(record.get(f.pos()), f.schema())));
        }
        if (drawn instanceof List<?> list) {
            return list.stream()
                    .map(item -> withIds(item, schema.getElementType()))
                    .toList();
        }
        return drawn;
    }

    @Test
    void namesTheFieldThatIsMissing() {
        // Given
        var nameless = new Watermark();
        WireSerde<Watermark> serde = WireSerde.autoRegistering(new InMemorySchemaRegistry(), Watermark.class);
        // When, Then
        assertThatThrownBy(() -> serde.serializer().serialize("a-changelog", nameless))
                .isInstanceOf(BadRecordException.class)
                .hasMessageContaining("io.postbrake.state.Watermark")
                .hasRootCauseInstanceOf(NullPointerException.class)
                .cause()
                .hasMessageContaining("sourceId");
    }

    @Test
    void refusesASchemaThatItCannotWrite() {
        Schema schema = SchemaBuilder.record("Odd")
                .fields()
                .name("kind")
                .type()
                .enumeration("Kind")
                .symbols("A")
                .noDefault()
                .endRecord();
        assertThatThrownBy(() -> new RecordWriter(schema)).hasMessageContaining("Kind");
    }

    private static byte[] bytes(IndexedRecord record, Writes writer) throws IOException {
        var out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        writer.write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
