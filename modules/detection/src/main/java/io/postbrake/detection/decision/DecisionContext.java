package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.ProfileUpdater;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one input is judged with and what it has led to so far: state, configuration, brake and time in, outputs out. */
final class DecisionContext {
    private final SubjectState s;
    private final DetectionConfig config;
    private final Brake brake;
    private final PastJudgement past;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private SubjectOutput.BlockChange change = new SubjectOutput.BlockChange.None();
    private SubjectOutput.@Nullable Disobeyed disobeyed;
    private Instant now = Instant.EPOCH;
    private Instant readAt = Instant.EPOCH;
    private @Nullable Profile profile;
    private @Nullable ProfileUpdater updater;

    DecisionContext(SubjectState state, DetectionConfig config, Brake brake) {
        this.s = state;
        this.config = config;
        this.brake = brake;
        this.past = new PastJudgement(state, config);
    }

    /** Key of the subject and all that is remembered of it; this turn's own copy. */
    SubjectState state() {
        return s;
    }

    DetectionConfig config() {
        return config;
    }

    Brake brake() {
        return brake;
    }

    PastJudgement past() {
        return past;
    }

    /** Decision time; the beginning of time until the input says it. */
    Instant now() {
        return now;
    }

    void pass(Instant to) {
        now = to;
    }

    /** When the input was read, of an input that is judged by its own time. */
    Instant readAt() {
        return readAt;
    }

    void judgePast(Instant inputReadAt) {
        readAt = inputReadAt;
        past.begin(inputReadAt);
    }

    List<Finding> findings() {
        return findings;
    }

    /** Notices to other subjects. */
    List<Notice> notices() {
        return notices;
    }

    List<Alert> alerts() {
        return alerts;
    }

    List<String> forgotten() {
        return forgotten;
    }

    /** What happens to the block that enforcers see; a block of the past is never published. */
    void change(SubjectOutput.BlockChange to) {
        if (!past.judging()) {
            change = to;
        }
    }

    /** A host does not do as was decided. */
    void disobeyed(SubjectOutput.@Nullable Disobeyed proofOrNull) {
        disobeyed = proofOrNull;
    }

    /** All that this input led to. */
    SubjectOutput outputs(@Nullable SubjectState stateOrNull, @Nullable Instant deadlineOrNull) {
        return new SubjectOutput(
                stateOrNull, findings, alerts, forgotten, change, deadlineOrNull, notices, disobeyed, null);
    }

    Profile profile() {
        if (profile == null) {
            profile = new Profile(s, config.profile());
        }
        return profile;
    }

    ProfileUpdater updater() {
        if (updater == null) {
            updater = new ProfileUpdater(s, profile());
        }
        return updater;
    }

    boolean concernsThis(Finding f) {
        return SubjectKeys.names(s.getSubjectKey(), f.getSubjectType(), f.getSubject());
    }

    boolean allowed() {
        return (s.getWord() != null && s.getWord().getVerb().equals("allow"))
                || config.allow().find(s.getSubjectKey(), now) != null;
    }

    boolean spent(Instant at) {
        return s.getSpentUntil() != null && !at.isAfter(s.getSpentUntil());
    }

    /** What is known of today's time when an input is taken that was read at {@code readAtOrNull}. */
    Instant known(Instant at, @Nullable Instant readAtOrNull) {
        Instant decision = later(s.getLastTickAt(), at);
        return readAtOrNull == null ? decision : later(decision, readAtOrNull);
    }

    boolean recent(Instant at, Instant known) {
        return !at.isBefore(known.minus(config.decisionMaxAge()));
    }

    void seen(Instant at) {
        if (s.getFirstSeenAt() == null || at.isBefore(s.getFirstSeenAt())) {
            s.setFirstSeenAt(at);
        }
        s.setLastSeenAt(later(s.getLastSeenAt(), at));
    }

    static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    static Instant later(@Nullable Instant a, Instant b) {
        return a == null || b.isAfter(a) ? b : a;
    }
}
