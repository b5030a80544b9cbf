package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import io.postbrake.wire.OperatorReference;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Blocks and operators' words out of Connect's records. */
final class SinkRecords {

    private static final int MOST_HOMES = 64;

    private SinkRecords() {}

    /** @throws DataException when the key is not a string */
    static String key(SinkRecord record) {
        if (record.key() instanceof String key) {
            return key;
        }
        throw new DataException("the key of " + record.topic() + " must be a string");
    }

    /**
     * The block in a record; null for a tombstone, and for one that is to be in force on another host alone.
     *
     * @param hostId this host, empty when the enforcer was not told which it is
     * @throws DataException when it is no block
     */
    static Wanted block(SinkRecord record, String hostId) {
        Struct s = value(record);
        String only = s == null ? null : text(s, "onlyHost");
        boolean elsewhere = only != null && !hostId.isEmpty() && !only.equals(hostId);
        return s == null || elsewhere
                ? null
                : new Wanted(
                        "block",
                        interned(s.getString("action")),
                        s.getString("text"),
                        s.getString("reference"),
                        needed(instant(s, "decidedAt"), "decidedAt"),
                        needed(instant(s, "lastEvidenceAt"), "lastEvidenceAt"),
                        needed(instant(s, "endsAt"), "endsAt"),
                        text(s, "blockId"),
                        homes(s));
    }

    /** What is no network is left out: it would shut the account out. */
    private static List<String> homes(Struct s) {
        Field field = s.schema().field("homeNetworks");
        return field == null || !(s.get(field) instanceof List<?> all)
                ? List.of()
                : all.stream()
                        .limit(MOST_HOMES)
                        .flatMap(one -> IpNetwork.parse(String.valueOf(one)).stream())
                        .map(IpNetwork::cidr)
                        .distinct()
                        .toList();
    }

    /**
     * The operator's word in a record, null for a tombstone.
     *
     * @throws DataException when it is no word
     */
    static Wanted word(SinkRecord record) {
        Struct s = value(record);
        if (s == null) {
            return null;
        }
        String verb = interned(needed(s.getString("verb"), "verb"));
        Instant at = needed(instant(s, "at"), "at");
        return new Wanted(
                verb,
                interned(s.getString("action")),
                null,
                verb.equals("block") ? OperatorReference.of(key(record), at) : null,
                at,
                null,
                instant(s, "endsAt"),
                null);
    }

    private static Struct value(SinkRecord record) {
        if (record.value() == null || record.value() instanceof Struct) {
            return (Struct) record.value();
        }
        throw new DataException("the value of " + record.topic() + " must be a record");
    }

    /** A million blocks need not keep a million times the same few words. */
    private static String interned(String word) {
        return word == null || word.length() > 16 ? word : word.intern();
    }

    private static <T> T needed(T value, String field) {
        if (value == null) {
            throw new DataException(field + " must be there");
        }
        return value;
    }

    private static String text(Struct s, String field) {
        return s.schema().field(field) == null ? null : s.getString(field);
    }

    private static Instant instant(Struct s, String field) {
        Field f = s.schema().field(field);
        Object value = f == null ? null : s.get(f);
        return value instanceof Date date ? Instant.ofEpochMilli(date.getTime()) : null;
    }
}
