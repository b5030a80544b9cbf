package io.postbrake.detection.decision;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What answers the logins of a host: told once when it is away, and once when it answers again. */
final class AuthServerReducer implements Reducer {
    /** Longer than between two signs of one outage. */
    private static final Duration QUIET = Duration.ofMinutes(10);

    private final SubjectState state;
    private final HostLoginIncident incident;

    AuthServerReducer(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.incident = new HostLoginIncident(state, config, QUIET);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Activity activity) {
            Submission e = activity.submission();
            boolean timely = incident.arrives(e);
            if (Phase.of(e) == Phase.AUTH_RESTORED) {
                incident.resolve("restored", "Logins are answered again; " + e.getRepeats() + " had failed");
            } else if (timely) {
                incident.sign(
                        e,
                        "Host " + SubjectKeys.bare(state.getSubjectKey()) + ": nobody can log in"
                                + (e.getService() == null ? "" : " at " + e.getService()) + ", " + e.getRepeats()
                                + " logins in a row failed without a wrong password",
                        "see to the authentication server",
                        "logins-fail.md");
            }
        } else if (in instanceof Input.Tick tick) {
            state.setLastTickAt(DecisionContext.later(state.getLastTickAt(), tick.now()));
            incident.pass(state.getLastTickAt());
        }
    }

    @Override
    public SubjectOutput outputs() {
        Instant until = deadline();
        return new SubjectOutput(
                until == null ? null : state,
                List.of(),
                incident.alerts(),
                incident.forgotten(),
                new SubjectOutput.BlockChange.None(),
                until,
                List.of(),
                null,
                null);
    }

    @Override
    public @Nullable Instant deadline() {
        return incident.deadline();
    }
}
