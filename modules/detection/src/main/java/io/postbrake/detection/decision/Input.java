package io.postbrake.detection.decision;

import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.notice.NoticeRecords;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a subject takes, one at a time and in order. Time enters only here. */
public sealed interface Input {

    /** The subject did something. */
    record Activity(Submission submission) implements Input {}

    /** Another subject's detector has an opinion on this subject. */
    record ForeignFinding(Finding finding) implements Input {}

    /** Another subject sent this one a notice. */
    record Notified(Notice notice) implements Input {}

    /** What another subject said of this one on the topic of findings: an opinion, or a notice. */
    static Input of(Finding aboutAnother) {
        return NoticeRecords.read(aboutAnother)
                .<Input>map(Notified::new)
                .orElseGet(() -> new ForeignFinding(aboutAnother));
    }

    /** An operator's newest word on the subject; null when it was withdrawn. */
    record Overridden(@Nullable OperatorOverride override) implements Input {}

    /** An operator has all that is known of the subject forgotten; see {@link Forgetting}. */
    record Forget(OperatorOverride word) implements Input {}

    /** A host said how much of the subject's mail waits there. */
    record Waiting(EnforcementReport report) implements Input {}

    /** What old logs taught of the subject; see {@link ProfileSeeding}. */
    record Seed(SubjectState profile) implements Input {}

    /** What an earlier build kept of the subject under another key; see {@link Renaming}. */
    record Renamed(SubjectState state) implements Input {}

    /** Time passed: deadlines up to {@code now} are due. */
    record Tick(Instant now) implements Input {}
}
