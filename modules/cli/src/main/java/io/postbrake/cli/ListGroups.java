package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.finding.Evidence;
import io.postbrake.subject.IpNetwork;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Incidents by what they have in common, so that a mass event is a line instead of hundreds. */
final class ListGroups {

    /** What they may have in common. */
    enum By {
        network,
        domain,
        detector,
        hour,
        kind
    }

    private static final int NEIGHBOURHOOD_IPV4 = 24;
    private static final int NEIGHBOURHOOD_IPV6 = 64;

    /**
     * How many there are of each.
     *
     * @param value what they have in common
     * @param incidents all
     * @param critical those of that severity
     * @param fresh those that nobody acknowledged
     */
    record Group(String value, int incidents, int critical, int fresh) {

        private Group with(Alert incident, boolean acknowledged) {
            return new Group(
                    value,
                    incidents + 1,
                    critical + ("critical".equals(incident.getSeverity()) ? 1 : 0),
                    fresh + (acknowledged ? 0 : 1));
        }
    }

    private ListGroups() {}

    /** The largest first; an incident with two detectors is in the groups of both. */
    static List<Group> of(Collection<Alert> incidents, SubjectNotes notes, By by, Times times) {
        Map<String, Group> groups = new LinkedHashMap<>();
        for (Alert incident : incidents) {
            boolean acknowledged = notes.inCharge(incident) != null;
            for (String value : values(incident, by, times)) {
                groups.put(
                        value,
                        groups.getOrDefault(value, new Group(value, 0, 0, 0)).with(incident, acknowledged));
            }
        }
        return groups.values().stream()
                .sorted(Comparator.comparingInt(Group::incidents).reversed().thenComparing(Group::value))
                .toList();
    }

    private static List<String> values(Alert incident, By by, Times times) {
        return switch (by) {
            case detector -> incident.getDetectors();
            case kind -> List.of(incident.getSubjectType());
            case hour -> List.of(times.day(incident.getStartedAt().truncatedTo(ChronoUnit.HOURS)));
            case domain -> {
                int at = incident.getSubject().lastIndexOf('@');
                yield incident.getSubjectType().equals("sasl_user") && at >= 0
                        ? List.of(incident.getSubject().substring(at + 1))
                        : List.of();
            }
            case network ->
                incident.getEvidence().stream()
                        .filter(evidence -> evidence.getClientIp() != null)
                        .limit(1)
                        .map(ListGroups::network)
                        .toList();
        };
    }

    private static String network(Evidence evidence) {
        if (evidence.getAsn() != null) {
            return "AS" + evidence.getAsn() + (evidence.getNetwork() == null ? "" : " " + evidence.getNetwork());
        }
        return IpNetwork.parse(evidence.getClientIp())
                .map(ip -> ip.within(ip.address().length == 4 ? NEIGHBOURHOOD_IPV4 : NEIGHBOURHOOD_IPV6)
                        .cidr())
                .orElse(evidence.getClientIp());
    }
}
