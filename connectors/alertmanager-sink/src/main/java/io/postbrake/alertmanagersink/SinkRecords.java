package io.postbrake.alertmanagersink;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Incidents out of Connect's records. */
final class SinkRecords {

    private static final int LONGEST = 2048;
    private static final int LONGEST_SUMMARY = 1000;
    /** As Opsgenie takes a message. */
    private static final int LONGEST_SHORT = 130;

    private static final int LONGEST_NAME = 100;
    /** Slack takes 3,000 characters, of which one of the text may become five. */
    private static final int LONGEST_BRIEF = 500;

    private SinkRecords() {}

    /** @throws DataException when the key is not a string */
    static String key(SinkRecord record) {
        if (record.key() instanceof String key) {
            return key;
        }
        throw new DataException("the key of " + record.topic() + " must be a string");
    }

    /**
     * The incident in a record, null for a tombstone.
     *
     * @throws DataException when it is none
     */
    static Incident incident(SinkRecord record, ConsoleLinks links) {
        if (record.value() == null) {
            return null;
        }
        if (!(record.value() instanceof Struct s)) {
            throw new DataException("the value of " + record.topic() + " must be a record");
        }
        Map<String, Object> fields = fields(s);
        boolean resolved = "RESOLVED".equals(needed(fields, "state"));
        String severity = needed(fields, "severity");
        if (!Incident.SEVERITIES.contains(severity)) {
            throw new DataException("severity is '" + severity + "', not one of " + Incident.SEVERITIES);
        }
        needed(fields, "title");
        needed(fields, "subject");
        fields.put("incidentId", key(record));
        derive(fields, resolved);
        links.add(fields);
        Instant endedAt = instant(fields, "endedAt");
        Instant updatedAt = Instant.parse(needed(fields, "updatedAt"));
        return new Incident(
                key(record),
                resolved,
                severity,
                Instant.parse(needed(fields, "startedAt")),
                updatedAt,
                resolved && endedAt == null ? updatedAt : endedAt,
                fields);
    }

    /** What templates need besides the record's own fields. */
    private static void derive(Map<String, Object> fields, boolean resolved) {
        fields.put("resolved", resolved);
        fields.put("event", resolved ? "resolve" : "trigger");
        String title = String.valueOf(fields.get("title"));
        fields.put("summary", cut(title, LONGEST_SUMMARY));
        fields.put("brief", cut(title, LONGEST_BRIEF));
        fields.put("short", cut(title, LONGEST_SHORT));
        // Short enough for Opsgenie's message, whichever way it is escaped.
        String subject = String.valueOf(fields.get("subject")).replaceAll("[&<>\"']", "?");
        fields.put("headline", "Postbrake, " + fields.get("severity") + ": " + cut(subject, LONGEST_NAME));
        fields.put("critical", "critical".equals(fields.get("severity")));
        fields.put("class", joined(list(fields, "detectors").stream().map(Object::toString)));
        fields.put(
                "attack",
                joined(maps(fields, "attacks").map(a -> a.get("techniqueId") + " " + a.get("techniqueName"))));
        fields.put("hosts", joined(maps(fields, "confirmedHosts").map(h -> String.valueOf(h.get("hostId")))));
        maps(fields, "evidence").forEach(e -> e.put("line", line(e)));
        for (String optional : List.of(
                "revision",
                "score",
                "description",
                "action",
                "actionUntil",
                "endedAt",
                "reference",
                "runbook",
                "subjectType")) {
            fields.putIfAbsent(optional, null);
        }
        fields.computeIfAbsent("revision", absent -> 0L);
        fields.put("score", fields.get("score") instanceof Double score ? Math.round(score * 1000) / 1000.0 : 0.0);
    }

    /** Not within a character of two halves. */
    private static String cut(String text, int longest) {
        return text.length() <= longest
                ? text
                : text.substring(0, Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest);
    }

    private static String line(Map<String, Object> e) {
        return Stream.of("occurredAt", "hostId", "queueId", "clientIp", "city", "country", "network", "text")
                .map(e::get)
                .filter(value -> value != null)
                .map(Object::toString)
                .collect(Collectors.joining(" "));
    }

    private static String joined(Stream<String> words) {
        return words.collect(Collectors.joining(", "));
    }

    private static List<?> list(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof List<?> list ? list : List.of();
    }

    @SuppressWarnings("unchecked")
    private static Stream<Map<String, Object>> maps(Map<String, Object> fields, String name) {
        return list(fields, name).stream().filter(Map.class::isInstance).map(m -> (Map<String, Object>) m);
    }

    private static Map<String, Object> fields(Struct s) {
        Map<String, Object> result = new LinkedHashMap<>();
        for (Field field : s.schema().fields()) {
            result.put(field.name(), plain(s.get(field)));
        }
        return result;
    }

    private static Object plain(Object value) {
        if (value instanceof Struct struct) {
            return fields(struct);
        }
        if (value instanceof List<?> list) {
            List<Object> result = new ArrayList<>();
            list.forEach(item -> result.add(plain(item)));
            return result;
        }
        if (value instanceof Date date) {
            return Instant.ofEpochMilli(date.getTime()).toString();
        }
        return value instanceof String text ? clean(text) : value;
    }

    /** Log text must not steer what shows it. */
    private static String clean(String text) {
        String bounded = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        return bounded.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]", "?");
    }

    private static Instant instant(Map<String, Object> fields, String name) {
        return fields.get(name) == null ? null : Instant.parse(fields.get(name).toString());
    }

    private static String needed(Map<String, Object> fields, String name) {
        if (fields.get(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new DataException(name + " must be there");
    }
}
