package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.state.Bucket;
import io.postbrake.state.Circular;
import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToLongFunction;

/**
 * The batch that an account was held for, from home and with its usual program, and that came to nothing: a circular. An issue of
 * about its size is usual from then on, though not within days: a thief who was held by mistake for one does not get another.
 */
public final class Circulars {
    /** Sooner than a week's, and too seldom to be worth a thief's while. */
    private static final Duration APART = Duration.ofDays(5);

    private static final Duration ISSUE = Duration.ofDays(1);
    /** Arrivals may be out of order by so much. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private static final double GROWN = 1.5;
    private static final double BOUNCED = 0.05;
    private static final long STRAY = 2;

    private final SubjectState state;
    private final Profile profile;

    Circulars(SubjectState state, Profile profile) {
        this.state = state;
        this.profile = profile;
    }

    /** Whether what was sent in the day before {@code at} can be a circular: nothing from elsewhere, and little of it came back. */
    public boolean looksLikeOne(Instant at) {
        return profile.experienced()
                && !profile.frontEnds().any(at)
                && state.getRates().stream().allMatch(Circulars::fromHome)
                && fewBounced(at);
    }

    private static boolean fromHome(RateScale rate) {
        return rate.getStrange() == 0 && rate.getPreviousStrange() == 0;
    }

    private boolean fewBounced(Instant at) {
        return sum(at, Bucket::getBounced) <= STRAY + BOUNCED * sum(at, Bucket::getOutcomes);
    }

    /** What was sent in the day before {@code at} was a circular; {@code goesOn}: more of it may be on its way. */
    public void learn(Instant at, boolean goesOn) {
        state.setCircular(new Circular(
                sum(at, Bucket::getMessages), sum(at, Bucket::getRecipients), at.plus(APART), goesOn ? at : null));
    }

    /** What was thought to be one was none. */
    public void forget() {
        state.setCircular(null);
    }

    /** Whether the message belongs to an issue of the circular, which may begin with it. */
    public boolean excuses(SubmissionContext seen) {
        Circular known = state.getCircular();
        if (known == null || !seen.history() || seen.strange() || seen.shared()) {
            return false;
        }
        Instant at = seen.event().getOccurredAt();
        boolean goesOn = known.getIssueAt() != null
                && !at.isBefore(known.getIssueAt().minus(LATE))
                && at.isBefore(known.getIssueAt().plus(ISSUE));
        boolean excused = (goesOn || !at.isBefore(known.getFrom()))
                && sum(at, Bucket::getMessages) <= GROWN * known.getMessages()
                && sum(at, Bucket::getRecipients) <= GROWN * known.getRecipients()
                && looksLikeOne(at);
        if (excused && !goesOn) {
            known.setIssueAt(at);
            known.setFrom(at.plus(APART));
        }
        return excused;
    }

    private long sum(Instant at, ToLongFunction<Bucket> what) {
        return SparseWindow.sum(state.getHours(), EventTime.hour(at), SparseWindow.HOURS, what);
    }
}
