package io.postbrake.alertmanagersink;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One state of an incident, as its record tells it.
 *
 * @param endedAt null while it is open
 * @param fields the record's fields under their own names, clean text, times in ISO 8601, for whoever writes them out
 */
record Incident(
        String id,
        boolean resolved,
        String severity,
        Instant startedAt,
        Instant updatedAt,
        Instant endedAt,
        Map<String, Object> fields) {

    static final List<String> SEVERITIES = List.of("info", "warning", "critical");

    boolean atLeast(String least) {
        return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
    }

    String text(String field) {
        Object value = fields.get(field);
        return value == null ? "" : value.toString();
    }
}
