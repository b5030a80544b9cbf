package io.postbrake.detection.profile;

import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a submission before it is folded into the profile of its account; of other subjects nothing is.
 *
 * @param event the submission
 * @param phase what it tells of
 * @param origin name of the network that it comes from; null when nothing is known of it
 * @param program name of what sent it; null when the log does not tell
 * @param history whether the account has a history
 * @param settled whether an account with a history is at home there; true for one without
 * @param programSettled whether an account with a history uses that program; true for one without
 * @param shared whether it comes from an address nearby where many accounts log in, see {@link FrontEnds}
 * @param crowded whether it comes from a public address that accounts of many domains come back to
 */
public record SubmissionContext(
        Submission event,
        Phase phase,
        @Nullable String origin,
        @Nullable String program,
        boolean history,
        boolean settled,
        boolean programSettled,
        boolean shared,
        boolean crowded) {

    /** Whether the event comes from where an account that has a history is not at home. */
    public boolean abroad() {
        return history && !settled;
    }

    /** Whether an account that has a history is not at home where the event comes from, or does not use what sent it. */
    public boolean strange() {
        return history && (!settled || !programSettled);
    }
}
