package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.PastCase;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is older than can be acted on is judged by its own time, as a detector that had watched would have: so that a thief in
 * old logs is not learnt as the owner. For such a turn the case of the past takes the place of the one that is open. Nothing of
 * it is published as it comes; the fleet hears of an account that would have been stopped, once an incident.
 */
final class PastJudgement {
    private static final String NEWS = "past-incident";
    /** So long after an incident of the past began to be read, it is published even though it may go on. */
    private static final Duration TOLD_AFTER = Duration.ofMinutes(1);

    private static final int MAX_EVIDENCE = 5;

    private final SubjectState s;
    private final DetectionConfig config;
    private boolean judging;

    PastJudgement(SubjectState state, DetectionConfig config) {
        this.s = state;
        this.config = config;
    }

    /** Whether this turn is about the past. */
    boolean judging() {
        return judging;
    }

    /** From here to {@link #end} the subject's case is that of the past. {@code readAt} is when the input was read. */
    void begin(Instant readAt) {
        judging = true;
        PastCase past = s.getPast();
        if (past == null) {
            past = PastCase.newBuilder().setDueAt(readAt).build();
            s.setPast(past);
        }
        swap(past);
        if (s.getIncident() == null || past.getReported()) {
            forgetAfter(readAt);
        }
    }

    void end() {
        if (judging) {
            PastCase past = s.getPast();
            swap(past);
            judging = false;
            if (past.getIncident() == null && past.getBlock() == null && past.getBlockUntil() == null) {
                s.setPast(null);
            }
        }
    }

    private void swap(PastCase past) {
        Alert incident = s.getIncident();
        var block = s.getBlock();
        Instant until = s.getBlockUntil();
        long repeats = s.getRepeats();
        Instant active = s.getActiveAt();
        s.setIncident(past.getIncident());
        s.setBlock(past.getBlock());
        s.setBlockUntil(past.getBlockUntil());
        s.setRepeats(past.getRepeats());
        s.setActiveAt(past.getActiveAt());
        past.setIncident(incident);
        past.setBlock(block);
        past.setBlockUntil(until);
        past.setRepeats(repeats);
        past.setActiveAt(active);
    }

    private void forgetAfter(Instant readAt) {
        Instant due = readAt.plus(config.alert().quiet());
        if (due.isAfter(s.getPast().getDueAt())) {
            s.getPast().setDueAt(due);
        }
    }

    /** An incident of the past begins. */
    void opened(Instant readAt) {
        s.getPast().setReported(false);
        s.getPast()
                .setDueAt(readAt.plus(
                        SubjectKeys.is(SubjectKeys.SASL_USER, s.getSubjectKey())
                                ? TOLD_AFTER
                                : config.alert().quiet()));
    }

    /** The incident of the past, which is the subject's case now, is over. */
    Optional<Notice> closed(Instant readAt) {
        Optional<Notice> news = news(s.getIncident(), readAt);
        s.setIncident(null);
        s.getPast().setReported(false);
        forgetAfter(readAt);
        return news;
    }

    /** What is due at {@code now}, outside of a turn about the past. */
    Optional<Notice> due(Instant now) {
        PastCase past = s.getPast();
        if (past == null || now.isBefore(past.getDueAt())) {
            return Optional.empty();
        }
        Optional<Notice> news = news(past.getIncident(), now);
        if (past.getIncident() == null || past.getReported()) {
            s.setPast(null);
        } else {
            past.setReported(true);
            past.setDueAt(now.plus(config.alert().quiet()));
        }
        return news;
    }

    /** Takes the incident of the past, when it still goes on at {@code at}, to go on as one of today; null otherwise. */
    @Nullable
    Alert goesOn(Instant at) {
        PastCase past = s.getPast();
        if (past == null
                || past.getIncident() == null
                || past.getActiveAt() == null
                || !at.isBefore(past.getActiveAt().plus(config.alert().quiet()))) {
            return null;
        }
        Alert incident = past.getIncident();
        incident.setAction(Actions.OBSERVE);
        s.setPast(null);
        return incident;
    }

    /** An account that would have been stopped is news. */
    private Optional<Notice> news(@Nullable Alert incidentOrNull, Instant readAt) {
        boolean account = SubjectKeys.is(SubjectKeys.SASL_USER, s.getSubjectKey());
        if (!account
                || incidentOrNull == null
                || incidentOrNull.getAction().equals(Actions.OBSERVE)
                || s.getPast().getReported()) {
            return Optional.empty();
        }
        return Optional.of(new Notice.PastIncident(
                StableIds.of(NEWS, incidentOrNull.getIncidentId()),
                s.getSubjectKey(),
                incidentOrNull.getStartedAt(),
                readAt,
                incidentOrNull.getScore(),
                incidentOrNull.getDescription(),
                EvidenceLedger.bounded(new ArrayList<>(incidentOrNull.getEvidence()), MAX_EVIDENCE)));
    }
}
