package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.Position;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;

/** The form of a position among Connect's source offsets. */
final class Offsets {

    private static final String LOG = "log";
    private static final String SOURCE = "source";
    private static final String GENERATION = "generation";
    private static final String OFFSET = "offset";

    private static final String JOURNAL = "journal";
    private static final String CURSOR = "cursor";
    private static final String FAREWELL = "farewell";

    private Offsets() {}

    static Map<String, ?> partition(Path log) {
        return Map.of(LOG, log.toString());
    }

    /** What a shipper reports of itself has no place in a log. */
    static final Map<String, ?> REPORTS = Map.of("report", "shipper");

    /** The farewell of the host with this id. */
    static Map<String, ?> farewell(String hostId) {
        return Map.of(FAREWELL, hostId);
    }

    /** Of which host an offset among the reports is the farewell; null for any other. */
    static String farewell(Map<String, ?> offset) {
        return offset != null && offset.get(FAREWELL) instanceof String hostId ? hostId : null;
    }

    /** Of the listener nothing can be read again: its offset only tells where a record came from. */
    static final Map<String, ?> LISTENER = Map.of("listener", "syslog");

    /** Of a journal, by its name among the logs. */
    static Map<String, ?> journal(String name) {
        return Map.of(JOURNAL, name);
    }

    /** The entry that was read last. */
    static Map<String, ?> cursor(String cursor) {
        return Map.of(CURSOR, cursor);
    }

    /** Whether a partition is a journal's; which one, its value says. */
    static boolean isJournal(Map<String, ?> partition) {
        return partition != null && partition.keySet().equals(Set.of(JOURNAL));
    }

    /**
     * The cursor that an offset means.
     *
     * @throws ConnectException saying what would be right
     */
    static String cursor(Map<String, ?> offset) {
        if (offset.keySet().equals(Set.of(CURSOR)) && offset.get(CURSOR) instanceof String cursor) {
            try {
                return JournalCheckpoint.checked(cursor);
            } catch (IllegalArgumentException e) {
                throw new ConnectException(e.getMessage(), e);
            }
        }
        throw new ConnectException("offset " + offset
                + " is not understood: right would be {\"cursor\": \"s=...\"}, as journalctl shows it");
    }

    static Map<String, ?> offset(Position next) {
        return Map.of(SOURCE, next.sourceId(), GENERATION, next.generation(), OFFSET, next.offset());
    }

    /** Where the line of an event stands. */
    static Position of(MailEvent event) {
        return new Position(event.getSourceId(), event.getGeneration(), event.getPosition());
    }

    /**
     * The log that a partition means.
     *
     * @throws ConnectException saying what would be right
     */
    static Path log(Map<String, ?> partition) {
        if (partition != null && partition.keySet().equals(Set.of(LOG)) && partition.get(LOG) instanceof String log) {
            return Path.of(log);
        }
        throw new ConnectException(
                "partition " + partition + " is not understood: right would be {\"log\": \"/var/log/mail.log\"}");
    }

    /**
     * The position that an offset means.
     *
     * @throws ConnectException saying what would be right
     */
    static Position position(Map<String, ?> offset) {
        if (offset.keySet().equals(Set.of(SOURCE, GENERATION, OFFSET))
                && offset.get(SOURCE) instanceof String source
                && source.matches("[0-9a-f]{24}")
                && offset.get(GENERATION) instanceof Number generation
                && generation.longValue() >= 0
                && offset.get(OFFSET) instanceof Number at
                && at.longValue() >= 0) {
            return new Position(source, generation.longValue(), at.longValue());
        }
        throw new ConnectException("offset " + offset + " is not understood: right would be {\"source\": 24 hex digits,"
                + " \"generation\": 0 or more, \"offset\": 0 or more}, as GET .../offsets shows it");
    }
}
