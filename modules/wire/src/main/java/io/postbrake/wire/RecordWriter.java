package io.postbrake.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.Encoder;

/**
 * Writes generated records of one schema in Avro binary, to the byte what Avro's own writer makes of them. That one looks up for
 * each field of each record what only the schema says (branch of a union, conversion of a logical type), which was a fifth of what
 * a detector's stream threads did; here the schema becomes a tree of steps once. Knows what our schemas use: see {@link #step}.
 */
final class RecordWriter {

    /** Writes one value. */
    private interface Step {
        void write(Object value, Encoder out) throws IOException;
    }

    private final Map<String, Fields> records = new HashMap<>();
    private final Step root;

    /**
     * Of a generated class, by its schema.
     *
     * @throws IllegalArgumentException for a schema with anything that is not known here
     */
    RecordWriter(Schema schema) {
        this.root = record(schema);
    }

    /** Writes the record without flushing. */
    void write(IndexedRecord value, Encoder out) throws IOException {
        root.write(value, out);
    }

    private Step step(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> record(schema);
            case ARRAY -> list(step(schema.getElementType()));
            case MAP -> map(step(schema.getValueType()));
            case UNION -> optional(schema);
            case STRING ->
                is(schema, LogicalTypes.uuid())
                        ? (value, out) -> out.writeString(((UUID) value).toString())
                        : (value, out) -> out.writeString(value.toString());
            case LONG ->
                is(schema, LogicalTypes.timestampMillis())
                        ? (value, out) -> out.writeLong(((Instant) value).toEpochMilli())
                        : (value, out) -> out.writeLong((Long) value);
            case INT -> (value, out) -> out.writeInt((Integer) value);
            case DOUBLE -> (value, out) -> out.writeDouble((Double) value);
            case FLOAT -> (value, out) -> out.writeFloat((Float) value);
            case BOOLEAN -> (value, out) -> out.writeBoolean((Boolean) value);
            case BYTES -> (value, out) -> out.writeBytes((ByteBuffer) value);
            default -> throw unknown(schema);
        };
    }

    private static boolean is(Schema schema, LogicalType type) {
        LogicalType found = schema.getLogicalType();
        if (found != null && !found.getName().equals(type.getName())) {
            throw unknown(schema);
        }
        return found != null;
    }

    private static IllegalArgumentException unknown(Schema schema) {
        return new IllegalArgumentException("no record of ours has a " + schema + " yet");
    }

    /** A record may hold others of its own kind. */
    private Step record(Schema schema) {
        Fields known = records.get(schema.getFullName());
        if (known != null) {
            return known;
        }
        var fields = new Fields(schema);
        records.put(schema.getFullName(), fields);
        fields.steps =
                schema.getFields().stream().map(field -> step(field.schema())).toArray(Step[]::new);
        return fields;
    }

    private static final class Fields implements Step {
        private final Schema schema;
        private Step[] steps;

        Fields(Schema schema) {
            this.schema = schema;
        }

        @Override
        public void write(Object value, Encoder out) throws IOException {
            var record = (IndexedRecord) Objects.requireNonNull(value, schema::getFullName);
            for (int i = 0; i < steps.length; i++) {
                try {
                    steps[i].write(record.get(i), out);
                } catch (NullPointerException | ClassCastException e) {
                    throw new IllegalArgumentException(
                            "field " + schema.getFields().get(i).name() + " of " + schema.getFullName(), e);
                }
            }
        }
    }

    private Step optional(Schema union) {
        List<Schema> types = union.getTypes();
        int absent = types.get(0).getType() == Schema.Type.NULL ? 0 : 1;
        if (types.size() != 2 || types.get(absent).getType() != Schema.Type.NULL) {
            throw unknown(union);
        }
        Step present = step(types.get(1 - absent));
        return (value, out) -> {
            if (value == null) {
                out.writeIndex(absent);
            } else {
                out.writeIndex(1 - absent);
                present.write(value, out);
            }
        };
    }

    private static Step list(Step item) {
        return (value, out) -> {
            var items = (Collection<?>) value;
            out.writeArrayStart();
            out.setItemCount(items.size());
            for (Object one : items) {
                out.startItem();
                item.write(one, out);
            }
            out.writeArrayEnd();
        };
    }

    private static Step map(Step content) {
        return (value, out) -> {
            var entries = (Map<?, ?>) value;
            out.writeMapStart();
            out.setItemCount(entries.size());
            for (Map.Entry<?, ?> entry : entries.entrySet()) {
                out.startItem();
                out.writeString(entry.getKey().toString());
                content.write(entry.getValue(), out);
            }
            out.writeMapEnd();
        };
    }
}
