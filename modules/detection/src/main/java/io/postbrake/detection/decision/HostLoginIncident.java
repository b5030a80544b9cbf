package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.SubmissionEvidence;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.ResolvedIncident;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An incident of a host's logins altogether: nobody is judged or blocked by it. Told once when it begins and once when it is over. */
final class HostLoginIncident {
    private final SubjectState s;
    private final DetectionConfig config;
    private final DecisionContext context;
    private final Duration quiet;
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();

    /** {@code quiet}: without a sign for so long it is over. */
    HostLoginIncident(SubjectState state, DetectionConfig config, Duration quiet) {
        this.s = state;
        this.config = config;
        this.context = new DecisionContext(state, config, Brake.RELEASED);
        this.quiet = quiet;
    }

    /** Time passes to that of what was read; false when it is too old to be told. */
    boolean arrives(Submission e) {
        Instant known = context.known(e.getOccurredAt(), e.getReadAt());
        pass(DecisionContext.later(s.getLastTickAt(), e.getOccurredAt()));
        return context.recent(e.getOccurredAt(), known);
    }

    /**
     * A sign that it is so: the first one is told.
     *
     * @param what one sentence of what is wrong
     * @param next what to do about it
     */
    void sign(Submission e, String what, String next, String runbook) {
        s.setActiveAt(DecisionContext.later(s.getActiveAt(), e.getOccurredAt()));
        if (s.getIncident() != null) {
            return;
        }
        Alert alert = Alert.newBuilder()
                .setIncidentId(StableIds.of(
                        "incident",
                        s.getSubjectKey(),
                        e.getSourceId(),
                        e.getGeneration(),
                        e.getPosition(),
                        e.getPhase()))
                .setSubject(SubjectKeys.bare(s.getSubjectKey()))
                .setSubjectType(SubjectKeys.type(s.getSubjectKey()))
                .setState("FIRING")
                .setRevision(1)
                .setSeverity(config.alert().severity().logins())
                .setTitle(what + "; nothing is blocked: " + next)
                .setDescription(what)
                .setScore(1)
                .setStartedAt(e.getStartedAt() == null ? e.getOccurredAt() : e.getStartedAt())
                .setUpdatedAt(context.now())
                .setAction(Actions.OBSERVE)
                .setActionSince(context.now())
                .setEvidence(List.of(SubmissionEvidence.of(e, what, e.getRepeats(), 0)))
                .setLastEvidenceAt(e.getOccurredAt())
                .setTechnique("")
                .setRunbook(config.alert().runbooks() + runbook)
                .build();
        s.setIncident(alert);
        alerts.add(Alert.newBuilder(alert).build());
    }

    /** It is over, if it was told. */
    void resolve(String resolution, String how) {
        Alert open = s.getIncident();
        if (open == null) {
            return;
        }
        alerts.add(Alert.newBuilder(open)
                .setState("RESOLVED")
                .setRevision(open.getRevision() + 1)
                .setDescription(how)
                .setTitle(open.getDescription() + "; over: " + how)
                .setUpdatedAt(context.now())
                .setEndedAt(context.now())
                .setResolution(resolution)
                .build());
        s.setIncident(null);
        s.getResolved().add(new ResolvedIncident(open.getIncidentId().toString(), context.now()));
    }

    /** It is as late as this: what is due by then happens. */
    void pass(Instant now) {
        context.pass(now);
        Instant over = quietAt();
        if (over != null && !now.isBefore(over)) {
            resolve("quiet", "No sign of it since " + s.getActiveAt());
        }
        while (!s.getResolved().isEmpty()
                && !now.isBefore(
                        s.getResolved().get(0).getAt().plus(config.alert().keep()))) {
            forgotten.add(s.getResolved().remove(0).getIncidentId());
        }
    }

    private @Nullable Instant quietAt() {
        return s.getIncident() == null || s.getActiveAt() == null
                ? null
                : s.getActiveAt().plus(quiet);
    }

    /** When something is due next; null when nothing is. */
    @Nullable
    Instant deadline() {
        Instant forget = s.getResolved().isEmpty()
                ? null
                : s.getResolved().get(0).getAt().plus(config.alert().keep());
        return DecisionContext.earlier(quietAt(), forget);
    }

    List<Alert> alerts() {
        return alerts;
    }

    List<String> forgotten() {
        return forgotten;
    }
}
