package io.postbrake.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;

/** The Confluent wire format: a zero byte, the writer's schema id in four bytes big-endian, and Avro binary. */
public final class WireFormat {
    private static final int HEADER = 5;
    /** Writers' schemas that a reader remembers; more of them are looked up each time. */
    private static final int KEPT_WRITERS = 1_000;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private WireFormat() {}

    /** What one thread writes with, again and again. */
    private static final class Scratch {
        private static final int USUAL = 1 << 14;
        private ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        private BinaryEncoder encoder;

        /** An empty buffer; one that grew for a giant is not kept. */
        ByteArrayOutputStream begin() {
            if (out.size() > USUAL) {
                out = new ByteArrayOutputStream(1024);
            }
            out.reset();
            return out;
        }
    }

    /** Encodes a record that was made for its own schema. */
    public static byte[] encode(int id, IndexedRecord value, GenericData model) {
        return encode(id, value, new GenericDatumWriter<IndexedRecord>(value.getSchema(), model)::write);
    }

    /** Encodes a generated record. */
    static byte[] encode(int id, IndexedRecord value, RecordWriter writer) {
        return encode(id, value, writer::write);
    }

    private interface Content {
        void write(IndexedRecord value, BinaryEncoder out) throws IOException;
    }

    private static byte[] encode(int id, IndexedRecord value, Content content) {
        try {
            Scratch scratch = SCRATCH.get();
            ByteArrayOutputStream out = scratch.begin();
            out.write(0);
            out.write(id >>> 24);
            out.write(id >>> 16);
            out.write(id >>> 8);
            out.write(id);
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, scratch.encoder);
            scratch.encoder = null; // What is left in it when this fails would stand before the next record.
            content.write(value, encoder);
            encoder.flush();
            scratch.encoder = encoder;
            return out.toByteArray();
        } catch (IOException | RuntimeException e) {
            throw new BadRecordException(
                    "cannot encode a record as " + value.getSchema().getFullName(), e);
        }
    }

    /** The writer's schema id in the header. */
    public static int idIn(byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != 0) {
            throw new BadRecordException(
                    "not in the wire format: " + (bytes.length < HEADER ? "too short" : "first byte is not 0"));
        }
        return ByteBuffer.wrap(bytes).getInt(1);
    }

    /** Reads values as one reader's schema, whatever compatible schema wrote them; safe for use by many threads. */
    public static final class Reader<T extends IndexedRecord> {
        private final SchemaRegistry registry;
        private final Schema schema;
        private final GenericData model;
        private final Map<Integer, Writer> writers = new ConcurrentHashMap<>();
        private final ThreadLocal<Map<Integer, DatumReader<T>>> readers = ThreadLocal.withInitial(HashMap::new);

        public Reader(SchemaRegistry registry, Schema schema, GenericData model) {
            this.registry = registry;
            this.schema = schema;
            this.model = holdsArrays(schema) ? plainListModel(model) : model;
        }

        /**
         * Decodes one value, in time and memory that its bytes bound.
         *
         * @throws BadRecordException with the bytes, when they are no such value
         */
        public T decode(byte[] bytes) {
            try {
                return decode(idIn(bytes), bytes);
            } catch (BadRecordException e) {
                throw e.of(bytes);
            }
        }

        private T decode(int id, byte[] bytes) {
            Schema writer = writer(id);
            try {
                DatumReader<T> reader = readers.get().get(id);
                if (reader == null) {
                    reader = model instanceof SpecificData
                            ? new SpecificReader<>(writer, schema, (SpecificData) model)
                            : new GenericReader<>(writer, schema, model);
                    if (readers.get().size() < KEPT_WRITERS) {
                        readers.get().put(id, reader);
                    }
                }
                BoundedDecoder decoder = new BoundedDecoder(bytes, HEADER);
                T value = reader.read(null, decoder);
                if (!decoder.isEnd()) {
                    throw new BadRecordException("bytes are left after a record written with schema id " + id);
                }
                return value;
            } catch (BadRecordException e) {
                throw e;
            } catch (IOException | RuntimeException | StackOverflowError e) {
                throw new BadRecordException("cannot read a record written with schema id " + id, e);
            }
        }

        private Schema writer(int id) {
            Writer known = writers.get(id);
            if (known == null) {
                known = judged(registry.schemaById(id));
                if (writers.size() < KEPT_WRITERS) {
                    writers.put(id, known);
                }
            }
            if (known.refusal() != null) {
                throw new BadRecordException("schema id " + id + " is refused: " + known.refusal());
            }
            return known.schema();
        }

        private Writer judged(Schema writer) {
            try {
                WriterCheck.check(writer, schema);
                return new Writer(writer, null);
            } catch (BadRecordException e) {
                return new Writer(null, e.getMessage());
            }
        }
    }

    /** A schema that somebody wrote with, or why it is not read. */
    private record Writer(Schema schema, String refusal) {}

    private static boolean holdsArrays(Schema schema) {
        return switch (schema.getType()) {
            case ARRAY -> true;
            case RECORD -> schema.getFields().stream().anyMatch(field -> holdsArrays(field.schema()));
            case UNION -> schema.getTypes().stream().anyMatch(WireFormat::holdsArrays);
            case MAP -> holdsArrays(schema.getValueType());
            default -> false;
        };
    }

    // Avro's fast reader cannot be told which list to make; a model of our own turns it off for these records only.
    private static GenericData plainListModel(GenericData model) {
        GenericData copy = model instanceof SpecificData
                ? new SpecificData(model.getClassLoader())
                : new GenericData(model.getClassLoader());
        model.getConversions().forEach(copy::addLogicalTypeConversion);
        copy.setFastReaderEnabled(false);
        return copy;
    }

    // Plain lists: Avro's own array type throws in equals() when its records hold optional times, and allocates
    // whatever length the bytes claim.
    private static Object list(int claimed) {
        return new ArrayList<>(Math.min(claimed, 64));
    }

    private static final class SpecificReader<T> extends SpecificDatumReader<T> {
        SpecificReader(Schema writer, Schema reader, SpecificData model) {
            super(writer, reader, model);
        }

        @Override
        protected Object newArray(Object old, int size, Schema schema) {
            return list(size);
        }
    }

    private static final class GenericReader<T> extends GenericDatumReader<T> {
        GenericReader(Schema writer, Schema reader, GenericData model) {
            super(writer, reader, model);
        }

        @Override
        protected Object newArray(Object old, int size, Schema schema) {
            return list(size);
        }
    }
}
