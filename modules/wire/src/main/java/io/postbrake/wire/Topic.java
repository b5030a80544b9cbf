package io.postbrake.wire;

import java.time.Duration;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** A topic of the catalogue: keys are strings, values are records of one type. */
public record Topic<V extends SpecificRecord>(
        String name, Class<V> type, Schema schema, boolean compacted, Duration retention, String compatibility) {

    /** Subject of the values under TopicNameStrategy. */
    public String subject() {
        return name + "-value";
    }

    /** Broker setting {@code cleanup.policy} of this topic. */
    public String cleanupPolicy() {
        if (!compacted) {
            return "delete";
        }
        return retention.isNegative() ? "compact" : "compact,delete";
    }
}
