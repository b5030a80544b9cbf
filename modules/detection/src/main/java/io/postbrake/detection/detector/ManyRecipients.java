package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingHabits;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** Few messages with many recipients, of an account that writes to few. */
record ManyRecipients() implements Detector {
    private static final double LEAST = 1.5;
    private static final double MOST = 5.5;
    /** Share of thieves that write to many at once. */
    private static final double THIEVES = Math.log(0.15);

    @Override
    public String id() {
        return "many-recipients";
    }

    @Override
    public boolean describesBatch() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        long recipients = e.getRecipients() == null ? 1 : e.getRecipients();
        boolean wide = seen.phase() == Phase.ACCEPTED && recipients >= SendingHabits.WIDE;
        if (!profile.account() || !wide) {
            return Optional.empty();
        }
        SendingHabits.Share many = profile.habits().wide(e.getOccurredAt());
        SendingHabits.Share more = profile.habits().huge(e.getOccurredAt());
        double weight = THIEVES + many.weight(0.5, 20, 2, 1);
        if (recipients >= SendingHabits.HUGE) {
            weight = Math.max(weight, THIEVES + more.weight(0.1, 20, 2, 1));
        }
        if (weight < LEAST) {
            return Optional.empty();
        }
        String title = recipients + " recipients; " + many.hits() + " of the last day's " + many.of()
                + " messages have " + SendingHabits.WIDE + " or more";
        return Optional.of(FindingFactory.weighed(
                this, profile, e, Math.min(MOST, weight), title, recipients, SendingHabits.WIDE));
    }
}
