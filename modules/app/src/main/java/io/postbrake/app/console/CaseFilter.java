package io.postbrake.app.console;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.subject.Logins;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which open cases are asked for.
 *
 * @param what incidents, blocks or words; null for all that is open
 * @param severity of the incident; null for any
 * @param state of the incident; null for any
 * @param common what the cases have in common, by one of {@link OpenCase#DIMENSIONS}
 * @param text that the login, address or network has, folded as logins are; null for any
 */
record CaseFilter(String what, String severity, String state, Map<String, String> common, String text) {

    static final List<String> SEVERITIES = List.of("critical", "warning", "info");
    static final List<String> STATES = List.of("fresh", "acknowledged", "blocked", "unblocked", "word");

    /**
     * Reads what a page asks for.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    static CaseFilter of(Query query) {
        Map<String, String> common = new LinkedHashMap<>();
        for (String dimension : OpenCase.DIMENSIONS) {
            String value = query.value(dimension);
            if (value != null) {
                common.put(dimension, value);
            }
        }
        String text = query.value("text");
        return new CaseFilter(
                query.word("what", null, List.of("incidents", "blocks", "words")),
                query.word("severity", null, SEVERITIES),
                query.word("state", null, STATES),
                common,
                text == null ? null : Logins.fold(text.strip()));
    }

    boolean takes(OpenCase one) {
        return isWhat(one)
                && (severity == null || severity.equals(one.open().severity()))
                && (state == null || isIn(state, one))
                && (text == null || SubjectKeys.bare(one.key()).contains(text))
                && common.entrySet().stream()
                        .allMatch(wanted -> one.values(wanted.getKey()).contains(wanted.getValue()));
    }

    private boolean isWhat(OpenCase one) {
        if (what == null) {
            return true;
        }
        return switch (what) {
            case "incidents" -> one.open().severity() != null;
            case "blocks" -> one.open().action() != null;
            default -> one.open().verb() != null;
        };
    }

    /** Whether a case is in one of the {@link #STATES}; it may be in several. */
    static boolean isIn(String state, OpenCase one) {
        return switch (state) {
            case "fresh" -> one.open().severity() != null && !one.acknowledged();
            case "acknowledged" -> one.acknowledged();
            case "blocked" -> one.open().action() != null;
            case "unblocked" -> one.open().action() == null;
            default -> one.open().verb() != null;
        };
    }
}
