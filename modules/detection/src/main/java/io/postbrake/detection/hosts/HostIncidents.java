package io.postbrake.detection.hosts;

import io.postbrake.alert.Alert;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.state.EndedIncident;
import io.postbrake.state.HostsState;
import io.postbrake.state.WatchedHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The incidents of hosts: one opens with what is wrong, says when that changes, and ends when nothing is. */
final class HostIncidents {
    private final HostsState state;
    private final String runbooks;
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();

    /** {@code runbooks} is the folder of the runbooks, with a slash at its end. */
    HostIncidents(HostsState state, String runbooks) {
        this.state = state;
        this.runbooks = runbooks;
    }

    /** Something is wrong with the host: {@code wrong} says what, and what to do. */
    void tell(WatchedHost host, String wrong, Instant now) {
        Alert known = host.getIncident();
        if (known != null && known.getDescription().equals(wrong)) {
            return;
        }
        boolean disobeys = Disobedience.proven(host, now);
        Alert alert = Alert.newBuilder()
                .setIncidentId(
                        known == null
                                ? StableIds.of("host", host.getHostId(), now.toEpochMilli())
                                : known.getIncidentId())
                .setSubject(host.getHostId())
                .setSubjectType("host")
                .setState(known == null ? "FIRING" : "UPDATED")
                .setSeverity("critical")
                .setTitle("Host " + host.getHostId()
                        + (disobeys ? ": a block is not obeyed" : ": blocks may not be in force"))
                .setDescription(wrong)
                .setScore(1)
                .setStartedAt(known == null ? now : known.getStartedAt())
                .setUpdatedAt(now)
                .setAction("observe")
                .setTechnique("")
                .setRunbook(runbooks + (disobeys ? "block-not-enforced.md" : "host.md"))
                .build();
        host.setIncident(alert);
        alerts.add(Alert.newBuilder(alert).build());
    }

    /** Nothing is wrong with the host any more, or it is none; without an incident nothing happens. */
    void resolve(WatchedHost host, String why, Instant now) {
        if (host.getIncident() == null) {
            return;
        }
        Alert alert = Alert.newBuilder(host.getIncident())
                .setState("RESOLVED")
                .setDescription(why)
                .setUpdatedAt(now)
                .setEndedAt(now)
                .build();
        alerts.add(alert);
        state.getResolved().add(new EndedIncident(alert.getIncidentId().toString(), now));
        host.setIncident(null);
    }

    /** Removes what ended {@code keep} ago. */
    void forget(Instant now, Duration keep) {
        while (!state.getResolved().isEmpty()
                && !now.isBefore(state.getResolved().get(0).getAt().plus(keep))) {
            forgotten.add(state.getResolved().remove(0).getIncidentId());
        }
    }

    List<Alert> alerts() {
        return alerts;
    }

    List<String> forgotten() {
        return forgotten;
    }
}
