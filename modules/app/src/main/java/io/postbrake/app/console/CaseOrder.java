package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * By what cases are sorted.
 *
 * @param severity place in {@link CaseFilter#SEVERITIES}, or behind them all
 * @param since when the incident began; long ago without one
 * @param score the incident's risk
 * @param key of the subject
 */
record CaseOrder(int severity, Instant since, double score, String key) {

    static final List<String> NAMES = List.of("severity", "newest", "oldest", "risk", "name");

    static CaseOrder of(OpenCase one) {
        return of(one.open().severity(), one.open().since(), one.open().score(), one.key());
    }

    /** Of a line as {@link CaseLines} writes it. */
    static CaseOrder of(JsonNode line) {
        JsonNode incident = line.path("incident");
        return of(
                incident.path("severity").asText(null),
                incident.hasNonNull("startedAt")
                        ? Instant.parse(incident.path("startedAt").asText())
                        : null,
                incident.path("score").asDouble(),
                line.path("key").asText());
    }

    private static CaseOrder of(String severityOrNull, Instant sinceOrNull, double score, String key) {
        int place = severityOrNull == null ? -1 : CaseFilter.SEVERITIES.indexOf(severityOrNull);
        return new CaseOrder(
                place < 0 ? CaseFilter.SEVERITIES.size() : place,
                sinceOrNull == null ? Instant.MIN : sinceOrNull,
                score,
                key);
    }

    /** By one of {@link #NAMES}; in the end by name, so that two pages never show the same case. */
    static Comparator<CaseOrder> by(String name) {
        Comparator<CaseOrder> newest = Comparator.comparing(CaseOrder::since).reversed();
        Comparator<CaseOrder> order = switch (name) {
            case "newest" -> newest;
            case "oldest" -> Comparator.comparing(CaseOrder::isWithout).thenComparing(CaseOrder::since);
            case "risk" -> Comparator.comparingDouble(CaseOrder::score).reversed();
            case "name" -> Comparator.comparing(CaseOrder::key);
            default -> Comparator.comparingInt(CaseOrder::severity).thenComparing(newest);
        };
        return order.thenComparing(CaseOrder::key);
    }

    private boolean isWithout() {
        return since.equals(Instant.MIN);
    }
}
