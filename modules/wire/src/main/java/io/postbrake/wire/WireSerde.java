package io.postbrake.wire;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Serde of one record type in the wire format; null stays null, so tombstones pass. */
public final class WireSerde<T extends SpecificRecord> implements Serde<T> {
    private final SchemaRegistry registry;
    private final Schema schema;
    private final RecordWriter writer;
    private final boolean registers;
    private final WireFormat.Reader<T> reader;
    private final Map<String, Integer> ids = new ConcurrentHashMap<>();

    private WireSerde(SchemaRegistry registry, Class<T> type, boolean registers) {
        this.registry = registry;
        SpecificData model = coded(SpecificData.getForClass(type));
        Schema generated = model.getSchema(type);
        this.schema = PlainSchema.of(generated);
        this.registers = registers;
        this.writer = new RecordWriter(generated);
        this.reader = new WireFormat.Reader<>(registry, generated, model);
    }

    /** The same model, reading records without logical types by their own generated code: the same values, sooner. */
    private static SpecificData coded(SpecificData model) {
        var coded = new SpecificData(model.getClassLoader());
        model.getConversions().forEach(coded::addLogicalTypeConversion);
        coded.setCustomCoders(true);
        return coded;
    }

    /** For topics of the catalogue: writes with the registered id and never registers. */
    public static <T extends SpecificRecord> WireSerde<T> of(SchemaRegistry registry, Class<T> type) {
        return new WireSerde<>(registry, type, false);
    }

    /** For state stores and repartition topics: registers as BACKWARD_TRANSITIVE on first use. */
    public static <T extends SpecificRecord> WireSerde<T> autoRegistering(SchemaRegistry registry, Class<T> type) {
        return new WireSerde<>(registry, type, true);
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : Bounds.value(WireFormat.encode(idFor(topic), value, writer));
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : reader.decode(bytes);
    }

    private int idFor(String topic) {
        Integer id = ids.get(topic);
        if (id == null) {
            String subject = topic + "-value";
            if (registers) {
                registry.setCompatibility(subject, "BACKWARD_TRANSITIVE");
                id = registry.register(subject, schema);
            } else {
                id = registry.idOf(subject, schema);
            }
            ids.put(topic, id);
        }
        return id;
    }
}
