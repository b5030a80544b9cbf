package io.postbrake.detection.decision;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Residents;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address nearby that accounts log in from: it tells each of them when they are many. It is never judged itself; the person on
 * call is told when nearly all logins of the host come from there, for then nobody's own address is known.
 */
final class FrontEndReducer implements Reducer {
    private static final Duration KEPT = Duration.ofDays(30);
    /** Longer than a weekend. */
    private static final Duration QUIET = Duration.ofDays(3);

    private final SubjectState state;
    private final Residents residents;
    private final HostLoginIncident incident;
    private final List<Notice> notices = new ArrayList<>();

    FrontEndReducer(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.residents = new Residents(state);
        this.incident = new HostLoginIncident(state, config, QUIET);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Notified news && news.notice() instanceof Notice.LoggedInThere login) {
            Instant at = login.at();
            residents.loggedIn(SubjectKeys.bare(login.from()), at);
            state.setLastSeenAt(DecisionContext.later(state.getLastSeenAt(), at));
            if (residents.crowd(at)) {
                notices.add(new Notice.ManyLogInThere(state.getSubjectKey(), login.from(), at, login.readAt()));
            }
        } else if (in instanceof Input.Activity activity) {
            hidden(activity.submission());
        } else if (in instanceof Input.Tick tick) {
            state.setLastTickAt(DecisionContext.later(state.getLastTickAt(), tick.now()));
            incident.pass(state.getLastTickAt());
        }
    }

    private void hidden(Submission e) {
        if (incident.arrives(e) && residents.crowd(e.getOccurredAt())) {
            incident.sign(
                    e,
                    "Address " + SubjectKeys.bare(state.getSubjectKey()) + ": " + e.getReason()
                            + " come from there, so that clients' own addresses are hidden and who guesses there cannot be"
                            + " refused without everybody",
                    "have the proxy or webmail pass addresses on (smtpd_upstream_proxy_protocol,"
                            + " smtpd_authorized_xclient_hosts, externalTrafficPolicy: Local)",
                    "clients-hidden.md");
        }
    }

    @Override
    public SubjectOutput outputs() {
        Instant forget = forgetAt();
        boolean over = incident.deadline() == null
                && (forget == null
                        || (state.getLastTickAt() != null
                                && !state.getLastTickAt().isBefore(forget)));
        return new SubjectOutput(
                over ? null : state,
                List.of(),
                incident.alerts(),
                incident.forgotten(),
                new SubjectOutput.BlockChange.None(),
                over ? null : deadline(),
                notices,
                null,
                null);
    }

    @Override
    public @Nullable Instant deadline() {
        Instant due = incident.deadline();
        return due == null ? forgetAt() : due;
    }

    private @Nullable Instant forgetAt() {
        return state.getLastSeenAt() == null ? null : state.getLastSeenAt().plus(KEPT);
    }
}
