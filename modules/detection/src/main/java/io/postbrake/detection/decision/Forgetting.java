package io.postbrake.detection.decision;

import io.postbrake.block.OperatorOverride;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Takes all that is known of a subject out of its state, but for the moment at which that was done: what is older, and comes
 * later, must not begin the history anew. A subject that is blocked keeps all of it.
 */
final class Forgetting {
    /** As long as events are kept that could be read again. */
    static final Duration MOMENT_KEPT = Duration.ofDays(35);

    private final DecisionContext context;
    private final SubjectState s;
    private final IncidentLifecycle incidents;

    Forgetting(DecisionContext context, IncidentLifecycle incidents) {
        this.context = context;
        this.s = context.state();
        this.incidents = incidents;
    }

    /** Forgets, after time passed to the word; nothing happens while the subject is blocked, by whomever. */
    void accept(OperatorOverride word) {
        if (isBlocked() || isForgotten(word.getAt())) {
            return;
        }
        s.setPast(null);
        if (s.getIncident() != null) {
            incidents.resolve(
                    "forgotten", word.getActor(), "Forgotten by " + word.getActor() + ": " + word.getReason());
        }
        s.getResolved().forEach(ended -> context.forgotten().add(ended.getIncidentId()));
        Instant tick = s.getLastTickAt();
        SubjectState blank = States.fresh(s.getSubjectKey());
        for (Schema.Field field : SubjectState.getClassSchema().getFields()) {
            s.put(field.pos(), blank.get(field.pos()));
        }
        s.setLastTickAt(tick);
        s.setLastSeenAt(word.getAt());
        s.setSpentUntil(word.getAt());
        s.setForgottenAt(word.getAt());
    }

    private boolean isBlocked() {
        OperatorOverride word = s.getWord();
        return s.getBlock() != null || (word != null && word.getVerb().equals("block"));
    }

    /** Whether what happened then is forgotten; null is no time. */
    boolean isForgotten(@Nullable Instant at) {
        return at != null && s.getForgottenAt() != null && !at.isAfter(s.getForgottenAt());
    }

    /** Until when the moment is kept; null when nothing was forgotten. */
    static @Nullable Instant momentKeptUntil(SubjectState s) {
        return s.getForgottenAt() == null ? null : s.getForgottenAt().plus(MOMENT_KEPT);
    }
}
