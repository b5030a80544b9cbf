package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.Refusals;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Messages to many that the host refuses: a filter that calls them spam, senders that are not the login's, recipients that do
 * not exist. Where the account is at home that is a program set up wrongly, or a circular to an old list, and without a history
 * it may be: there it is an observation at most. How many attempts there are is for the detectors of pace to judge; this one
 * says what their being refused adds.
 */
record RefusedSending() implements Detector {
    /** Fewer different recipients in an hour are a letter to some people that was tried again. */
    private static final long ENOUGH = 5;
    /** Of an account without a history: observed from here on. */
    private static final long MANY = 20;
    /** In nats: one owner on the road in a few hundred has so many refused, and about a third of thieves. */
    private static final double ABROAD = 2;

    private static final double PER_DOUBLING = 0.7;
    private static final double MOST = 4;
    private static final double AT_HOME = 1;
    private static final double TOLD = 6.2;

    @Override
    public String id() {
        return "refused-sending";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS, Technique.EMAIL_ACCOUNTS);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || !Refusals.counts(e)) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        long refused = seen.abroad()
                ? profile.refusals().strangeInHour(at)
                : profile.refusals().inHour(at);
        if (refused < (seen.history() ? ENOUGH : MANY)) {
            return Optional.empty();
        }
        double weight = seen.abroad()
                ? Math.min(MOST, ABROAD + PER_DOUBLING * Math.log((double) refused / ENOUGH) / Math.log(2))
                : seen.history() ? AT_HOME : TOLD;
        String title = "Messages to " + refused + " recipients within an hour were refused "
                + profile.refusals().by(at)
                + (seen.abroad()
                        ? ", from where the account is not at home (" + SubmissionEvidence.place(e) + ")"
                        : "");
        Finding finding = FindingFactory.weighed(this, profile, e, weight, title, refused, ENOUGH);
        finding.setObserveOnly(!seen.abroad());
        return Optional.of(finding);
    }
}
