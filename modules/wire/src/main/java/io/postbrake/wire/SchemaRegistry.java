package io.postbrake.wire;

import java.util.List;
import org.apache.avro.Schema;

/**
 * The port to a schema registry. An unavailable registry makes a caller wait; only what can never succeed throws
 * {@link BadRecordException}.
 */
public interface SchemaRegistry {
    /** Id under which the subject holds this very schema. */
    int idOf(String subject, Schema schema);

    /** Registers a schema, or finds it when it is there, and returns its id. */
    int register(String subject, Schema schema);

    /** The schema that a writer's id stands for. */
    Schema schemaById(int id);

    /** All subjects, sorted. */
    List<String> subjects();

    /** Sets the compatibility level of one subject. */
    void setCompatibility(String subject, String level);

    /** Whether the subject would take this schema as its next version. */
    boolean isCompatible(String subject, Schema schema);
}
