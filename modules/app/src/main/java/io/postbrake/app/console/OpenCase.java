package io.postbrake.app.console;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.streams.OpenIncidentIndex.Case;
import io.postbrake.streams.OpenIncidentIndex.Origin;
import io.postbrake.subject.RelaySender;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A subject with something open, as lists of them look at it.
 *
 * @param key of the subject
 * @param open what is open
 * @param acknowledged whether somebody took charge of its incident
 */
record OpenCase(String key, Case open, boolean acknowledged) {

    /** What several cases may have in common, by the names that addresses of the console use. */
    static final List<String> DIMENSIONS = List.of("network", "domain", "detector", "hour", "kind");

    /** Values of one of the {@link #DIMENSIONS}; a case may have none, or several detectors. */
    List<String> values(String dimension) {
        return switch (dimension) {
            case "network" -> of(network());
            case "domain" -> of(domain());
            case "detector" -> open.detectors();
            case "hour" ->
                of(
                        open.since() == null
                                ? null
                                : open.since().truncatedTo(ChronoUnit.HOURS).toString());
            default -> List.of(SubjectKeys.type(key));
        };
    }

    private static List<String> of(String valueOrNull) {
        return valueOrNull == null ? List.of() : List.of(valueOrNull);
    }

    /** The mail domain of an account or a sender; null without one. */
    private String domain() {
        String name = SubjectKeys.bare(key);
        if (SubjectKeys.is(SubjectKeys.RELAY_SENDER, key)) {
            name = RelaySender.of(name).map(RelaySender::sender).orElse("");
        } else if (!SubjectKeys.is(SubjectKeys.SASL_USER, key)) {
            return null;
        }
        int at = name.lastIndexOf('@');
        return at < 0 || at == name.length() - 1 ? null : name.substring(at + 1);
    }

    /** The operator's network where its incident began, or the neighbourhood of the address; null when nothing is known. */
    private String network() {
        Origin origin = open.origin();
        if (origin == null) {
            return SubjectKeys.is(SubjectKeys.CLIENT_NET, key) ? SubjectKeys.bare(key) : null;
        }
        return origin.name();
    }
}
