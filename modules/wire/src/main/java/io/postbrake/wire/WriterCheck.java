package io.postbrake.wire;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * Which writers' schemas are read with at all. Anybody may register a schema and name it in a record. Only one that the
 * reader's schema is compatible with is taken, and only if whatever it describes takes bytes: a list of nothing, a record
 * that holds itself or one that unfolds to millions of fields costs its reader what its message does not show.
 */
final class WriterCheck {
    /** Records, lists, maps and unions inside each other. */
    private static final int DEEPEST = 32;
    /** Types, each counted wherever it is used. */
    private static final int MOST_TYPES = 10_000;

    private record Size(long types, int height) {}

    private final Set<String> open = new HashSet<>();
    private final Map<String, Size> known = new HashMap<>();

    private WriterCheck() {}

    /** @throws BadRecordException when records written with {@code writer} are not to be read as {@code reader} */
    static void check(Schema writer, Schema reader) {
        new WriterCheck().measure(writer, 0);
        var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (compatibility.getType() != SchemaCompatibilityType.COMPATIBLE) {
            throw new BadRecordException(reader.getFullName() + " cannot be read from it: "
                    + compatibility.getResult().getIncompatibilities().stream()
                            .map(i -> i.getType() + " at " + i.getLocation())
                            .findFirst()
                            .orElse("incompatible"));
        }
    }

    private Size measure(Schema schema, int depth) {
        Size size = isNamed(schema) ? known.get(schema.getFullName()) : null;
        if (size == null) {
            size = depth > DEEPEST ? new Size(1, 1) : unfolded(schema, depth);
        }
        if (depth + size.height() > DEEPEST) {
            throw new BadRecordException("it nests more than " + DEEPEST + " types");
        }
        if (size.types() > MOST_TYPES) {
            throw new BadRecordException("it unfolds to more than " + MOST_TYPES + " types");
        }
        if (isNamed(schema)) {
            known.put(schema.getFullName(), size);
        }
        return size;
    }

    private Size unfolded(Schema schema, int depth) {
        return switch (schema.getType()) {
            case NULL -> throw new BadRecordException("it has a type that takes no byte: null outside of a union");
            case FIXED -> {
                if (schema.getFixedSize() == 0) {
                    throw new BadRecordException("it has a type that takes no byte: a fixed of size 0");
                }
                yield new Size(1, 1);
            }
            case ARRAY -> inside(measure(schema.getElementType(), depth + 1));
            case MAP -> inside(measure(schema.getValueType(), depth + 1));
            case UNION -> {
                Size size = new Size(1, 1);
                for (Schema branch : schema.getTypes()) {
                    // A null's branch is a byte, its index.
                    size = branch.getType() == Schema.Type.NULL ? size : with(size, measure(branch, depth + 1));
                }
                yield size;
            }
            case RECORD -> record(schema, depth);
            default -> new Size(1, 1);
        };
    }

    private Size record(Schema schema, int depth) {
        if (schema.getFields().isEmpty()) {
            throw new BadRecordException("it has a type that takes no byte: a record without fields");
        }
        if (!open.add(schema.getFullName())) {
            throw new BadRecordException("its record " + schema.getFullName() + " holds itself");
        }
        Size size = new Size(1, 1);
        for (Schema.Field field : schema.getFields()) {
            size = with(size, measure(field.schema(), depth + 1));
            if (size.types() > MOST_TYPES) {
                break; // Told by the caller; the sum must not overflow.
            }
        }
        open.remove(schema.getFullName());
        return size;
    }

    private static Size inside(Size items) {
        return with(new Size(1, 1), items);
    }

    private static Size with(Size whole, Size part) {
        return new Size(whole.types() + part.types(), Math.max(whole.height(), part.height() + 1));
    }

    private static boolean isNamed(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, FIXED, ENUM -> true;
            default -> false;
        };
    }
}
