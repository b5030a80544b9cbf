package io.postbrake.wire;

import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.LogicalTypes;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;

/** Translates records of our Avro schemas to Connect's data model and back, without loss. */
public final class ConnectRecords {
    private static final Map<org.apache.avro.Schema, Schema> SCHEMAS = new ConcurrentHashMap<>();

    private ConnectRecords() {}

    /** The Connect schema of an Avro record schema. */
    public static Schema connectSchema(org.apache.avro.Schema avro) {
        Schema known = SCHEMAS.get(avro);
        if (known == null) {
            known = build(avro, false, null);
            SCHEMAS.put(avro, known);
        }
        return known;
    }

    /** A record as a struct of {@link #connectSchema}. */
    public static Struct toStruct(SpecificRecord value) {
        return toStruct((IndexedRecord) value);
    }

    /**
     * The same of a record that nobody changes any more, whose fields are translated only if somebody asks for them: our own
     * converter writes the record itself.
     */
    public static Struct handOver(SpecificRecord value) {
        return new RecordStruct(value, connectSchema(value.getSchema()));
    }

    static Struct toStruct(IndexedRecord value) {
        return struct(value, connectSchema(value.getSchema()));
    }

    /** A struct as an Avro record, with plain Avro values (milliseconds, strings). */
    public static GenericRecord fromStruct(Struct struct, org.apache.avro.Schema avro) {
        GenericData.Record record = new GenericData.Record(avro);
        for (org.apache.avro.Schema.Field field : avro.getFields()) {
            Field there = struct.schema().field(field.name());
            Object value;
            if (there != null) {
                value = toAvro(struct.get(there), field.schema(), field.name());
            } else if (field.hasDefaultValue()) {
                value = GenericData.get().getDefaultValue(field);
            } else {
                throw new DataException("field " + field.name() + " of " + avro.getFullName() + " is missing");
            }
            record.put(field.pos(), value);
        }
        boolean sameFields = struct.schema() == SCHEMAS.get(avro);
        for (Field field : sameFields ? List.<Field>of() : struct.schema().fields()) {
            if (avro.getField(field.name()) == null && struct.get(field) != null) {
                throw new DataException("field " + field.name() + " is unknown to " + avro.getFullName());
            }
        }
        return record;
    }

    private static Schema build(org.apache.avro.Schema avro, boolean optional, String doc) {
        SchemaBuilder builder;
        switch (avro.getType()) {
            case UNION -> {
                return build(present(avro), true, doc);
            }
            case RECORD -> {
                builder = SchemaBuilder.struct().name(avro.getFullName()).doc(avro.getDoc());
                for (org.apache.avro.Schema.Field field : avro.getFields()) {
                    builder.field(field.name(), build(field.schema(), false, field.doc()));
                }
                return (optional ? builder.optional() : builder).build();
            }
            case ARRAY -> builder = SchemaBuilder.array(build(avro.getElementType(), false, null));
            case MAP -> builder = SchemaBuilder.map(Schema.STRING_SCHEMA, build(avro.getValueType(), false, null));
            case LONG -> builder = isMillis(avro) ? Timestamp.builder() : SchemaBuilder.int64();
            case STRING -> builder = SchemaBuilder.string();
            case BOOLEAN -> builder = SchemaBuilder.bool();
            case DOUBLE -> builder = SchemaBuilder.float64();
            case INT -> builder = SchemaBuilder.int32();
            case FLOAT -> builder = SchemaBuilder.float32();
            default -> throw new DataException("Avro type " + avro.getType() + " has no place in our topics");
        }
        builder.doc(doc);
        return (optional ? builder.optional() : builder).build();
    }

    private static Struct struct(IndexedRecord value, Schema schema) {
        Struct struct = new Struct(schema);
        List<org.apache.avro.Schema.Field> fields = value.getSchema().getFields();
        for (org.apache.avro.Schema.Field field : fields) {
            Field target = schema.field(field.name());
            struct.put(target, toConnect(value.get(field.pos()), field.schema(), target.schema()));
        }
        return struct;
    }

    private static Object toConnect(Object value, org.apache.avro.Schema avro, Schema schema) {
        if (value == null) {
            return null;
        }
        org.apache.avro.Schema type = present(avro);
        return switch (type.getType()) {
            case RECORD -> struct((IndexedRecord) value, schema);
            case ARRAY ->
                ((List<?>) value)
                        .stream()
                                .map(item -> toConnect(item, type.getElementType(), schema.valueSchema()))
                                .toList();
            case MAP -> {
                Map<String, Object> map = new LinkedHashMap<>();
                ((Map<?, ?>) value)
                        .forEach((k, v) ->
                                map.put(k.toString(), toConnect(v, type.getValueType(), schema.valueSchema())));
                yield map;
            }
            case STRING -> value.toString();
            case LONG -> isMillis(type) ? date(value) : value;
            default -> value;
        };
    }

    private static Date date(Object value) {
        return value instanceof Instant instant ? Date.from(instant) : new Date((Long) value);
    }

    private static Object toAvro(Object value, org.apache.avro.Schema avro, String name) {
        if (value == null) {
            if (avro.isNullable()) {
                return null;
            }
            throw new DataException("field " + name + " may not be null");
        }
        org.apache.avro.Schema type = present(avro);
        return switch (type.getType()) {
            case RECORD -> fromStruct((Struct) value, type);
            case ARRAY ->
                ((List<?>) value)
                        .stream()
                                .map(item -> toAvro(item, type.getElementType(), name))
                                .toList();
            case MAP -> {
                Map<String, Object> map = new LinkedHashMap<>();
                ((Map<?, ?>) value).forEach((k, v) -> map.put(k.toString(), toAvro(v, type.getValueType(), name)));
                yield map;
            }
            case STRING -> isUuid(type) ? uuid(value.toString(), name) : value.toString();
            case LONG -> value instanceof Date date ? (Long) date.getTime() : value;
            default -> value;
        };
    }

    private static String uuid(String text, String name) {
        try {
            return UUID.fromString(text).toString();
        } catch (IllegalArgumentException e) {
            throw new DataException("field " + name + " is not a UUID", e);
        }
    }

    private static org.apache.avro.Schema present(org.apache.avro.Schema avro) {
        if (!avro.isUnion()) {
            return avro;
        }
        List<org.apache.avro.Schema> types = avro.getTypes();
        if (types.size() != 2 || !avro.isNullable()) {
            throw new DataException("a union must be of null and one type: " + avro);
        }
        return types.get(types.get(0).getType() == org.apache.avro.Schema.Type.NULL ? 1 : 0);
    }

    private static boolean isMillis(org.apache.avro.Schema avro) {
        return avro.getLogicalType() instanceof LogicalTypes.TimestampMillis;
    }

    private static boolean isUuid(org.apache.avro.Schema avro) {
        return avro.getLogicalType() != null
                && "uuid".equals(avro.getLogicalType().getName());
    }
}
