package io.postbrake.wire;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Connect converter for the topics of the catalogue: the same bytes as {@link WireSerde}, the registered schema's id,
 * never a registration of its own.
 */
public final class PostbrakeConverter implements Converter, Versioned {
    /** Address of the registry. */
    public static final String URL = "schema.registry.url";

    private static final Map<String, Topic<?>> TOPICS =
            Topics.all().stream().collect(Collectors.toUnmodifiableMap(Topic::name, t -> t));

    private final Map<String, Integer> ids = new ConcurrentHashMap<>();
    private final Map<String, RecordWriter> writers = new ConcurrentHashMap<>();
    private final Map<String, WireFormat.Reader<GenericRecord>> readers = new ConcurrentHashMap<>();
    private SchemaRegistry registry;

    /** For Connect, which calls {@link #configure} next. */
    public PostbrakeConverter() {}

    PostbrakeConverter(SchemaRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (isKey) {
            throw new ConfigException(
                    "key.converter",
                    PostbrakeConverter.class.getName(),
                    "keys are plain strings; right would be org.apache.kafka.connect.storage.StringConverter");
        }
        if (registry != null) {
            return;
        }
        Map<String, String> client = new LinkedHashMap<>();
        configs.forEach((key, value) -> {
            if (value != null) {
                client.put(key, value.toString());
            }
        });
        String url = client.remove(URL);
        try {
            registry = ConfluentSchemaRegistry.connect(url, client);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(URL, url, e.getMessage());
        }
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        if (value == null) {
            return null;
        }
        if (!(value instanceof Struct struct)) {
            throw new DataException("topic " + topic + " takes a Struct, not "
                    + value.getClass().getName());
        }
        org.apache.avro.Schema avro = topicOf(topic).schema();
        if (!avro.getFullName().equals(struct.schema().name())) {
            throw new DataException("topic " + topic + " takes " + avro.getFullName() + ", not "
                    + struct.schema().name());
        }
        try {
            if (struct instanceof RecordStruct own && own.recordOrNull() != null) {
                SpecificRecord record = own.recordOrNull();
                RecordWriter writer = writers.computeIfAbsent(topic, unseen -> new RecordWriter(record.getSchema()));
                return WireFormat.encode(idFor(topic), record, writer);
            }
            return WireFormat.encode(idFor(topic), ConnectRecords.fromStruct(struct, avro), GenericData.get());
        } catch (BadRecordException e) {
            throw new DataException("cannot write a record of topic " + topic, e);
        }
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        try {
            Struct struct = ConnectRecords.toStruct(readerFor(topic).decode(value));
            return new SchemaAndValue(struct.schema(), struct);
        } catch (BadRecordException e) {
            throw new DataException("cannot read a record of topic " + topic, e);
        }
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define(URL, ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Address of the schema registry.");
    }

    /** Ends the wait of whoever converts while the registry is away. */
    @Override
    public void close() throws IOException {
        if (registry instanceof ConfluentSchemaRegistry client) {
            client.close();
        }
    }

    @Override
    public String version() {
        String version = PostbrakeConverter.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private WireFormat.Reader<GenericRecord> readerFor(String topic) {
        return readers.computeIfAbsent(
                topic, t -> new WireFormat.Reader<>(registry, topicOf(t).schema(), GenericData.get()));
    }

    private int idFor(String topic) {
        Integer id = ids.get(topic);
        if (id == null) {
            Topic<?> known = topicOf(topic);
            id = registry.idOf(known.subject(), known.schema());
            ids.put(topic, id);
        }
        return id;
    }

    private static Topic<?> topicOf(String name) {
        Topic<?> topic = TOPICS.get(name);
        if (topic == null) {
            throw new DataException("topic " + name + " is not one of Postbrake's: " + TOPICS.keySet());
        }
        return topic;
    }
}
