package io.postbrake.detection.decision;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.Strangers;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long a subject is kept, and when it next needs a tick. */
final class Retention {
    private final DecisionContext context;
    private final SubjectState s;
    private final DetectionConfig config;
    private final BlockLifecycle blocks;
    private final IncidentLifecycle incidents;

    Retention(DecisionContext context, BlockLifecycle blocks, IncidentLifecycle incidents) {
        this.context = context;
        this.s = context.state();
        this.config = context.config();
        this.blocks = blocks;
        this.incidents = incidents;
    }

    /** Whether nothing is left to be kept. */
    boolean over() {
        Instant forget = forgetAt();
        return calm() && (forget == null || !context.now().isBefore(forget));
    }

    private boolean calm() {
        return s.getBlock() == null
                && s.getIncident() == null
                && s.getWord() == null
                && s.getPast() == null
                && s.getResolved().isEmpty();
    }

    private @Nullable Instant forgetAt() {
        Instant moment = Forgetting.momentKeptUntil(s);
        if (moment != null && s.getForgottenAt().equals(s.getLastSeenAt())) {
            return moment; // Nothing came since.
        }
        Instant known = forgetHistoryAt();
        return moment == null ? known : DecisionContext.later(known, moment);
    }

    private @Nullable Instant forgetHistoryAt() {
        if (context.profile().range()) {
            Instant known = context.profile().rangeHistory().keptUntil(NetworkReducer.NEIGHBOURS_KEPT);
            boolean counts = !s.getFindings().isEmpty() || s.getSpentUntil() != null;
            return counts && s.getLastSeenAt() != null
                    ? DecisionContext.later(
                            known, s.getLastSeenAt().plus(config.risk().window()))
                    : known;
        }
        if (s.getLastSeenAt() == null) {
            return null;
        }
        Instant known = s.getLastSeenAt().plus(forgetAfter());
        Instant told =
                context.profile().client() ? context.profile().rangeHistory().toldUntil() : null;
        return told == null ? known : DecisionContext.later(told, known);
    }

    /** When the subject next needs a tick; null when it does not. */
    @Nullable
    Instant deadline() {
        Instant deadline = calm() ? forgetAt() : null;
        if (s.getBlock() != null) {
            deadline = DecisionContext.earlier(deadline, s.getBlockUntil());
            deadline = DecisionContext.earlier(deadline, blocks.renewAt());
        } else if (s.getIncident() != null) {
            deadline = DecisionContext.earlier(deadline, incidents.quietAt());
        }
        deadline = DecisionContext.earlier(
                deadline, s.getWord() == null ? null : s.getWord().getEndsAt());
        deadline = DecisionContext.earlier(deadline, s.getIncident() == null ? null : s.getTellAt());
        deadline = DecisionContext.earlier(
                deadline, s.getPast() == null ? null : s.getPast().getDueAt());
        if (!s.getResolved().isEmpty()) {
            deadline = DecisionContext.earlier(
                    deadline, s.getResolved().get(0).getAt().plus(config.alert().keep()));
        }
        return deadline;
    }

    private Duration forgetAfter() {
        if (context.profile().account()) {
            boolean known =
                    !Strangers.isStranger(s) || config.profile().forgetAfter().compareTo(Strangers.KEPT) < 0;
            return known
                    ? config.profile().forgetAfter()
                    : Strangers.KEPT.plus(config.profile().lateness());
        }
        boolean client = context.profile().client();
        boolean blank = s.getFailureMinutes() == null && s.getFindings().isEmpty() && s.getSpentUntil() == null;
        if (client && blank) {
            // Failures before a login, or before one that was not answered, may still be under way from another host.
            boolean underWay =
                    !s.getRecentLogins().isEmpty() || !s.getUnansweredLogins().isEmpty();
            Duration known = context.profile().residents().remembered();
            return !underWay || !known.isZero()
                    ? known
                    : config.profile().lateness().plus(config.profile().lateness());
        }
        boolean shorter =
                client && config.risk().window().compareTo(config.profile().forgetAfter()) < 0;
        Duration most = shorter ? config.risk().window() : config.profile().forgetAfter();
        Duration known = client ? context.profile().residents().remembered() : Duration.ZERO;
        return known.compareTo(most) > 0 ? known : most;
    }
}
