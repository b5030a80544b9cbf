package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingHabits;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** One login that sends in the name of many: receivers count by envelope sender, so thieves change it. */
record ManySenders() implements Detector {
    private static final long ENOUGH = 3;
    private static final double LEAST = 2;
    private static final double MOST = 6;
    /** A new account may be a server that passes on everybody's mail. */
    private static final double MOST_NEW = 1.5;

    /** Share of thieves that change it. */
    private static final double THIEVES = Math.log(0.3);

    @Override
    public String id() {
        return "many-senders";
    }

    @Override
    public boolean describesBatch() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || seen.phase() != Phase.ACCEPTED) {
            return Optional.empty();
        }
        SendingHabits.Share senders = profile.habits().newSenders(e.getOccurredAt());
        if (senders.hits() < ENOUGH) {
            return Optional.empty();
        }
        double weight = THIEVES + senders.weight(0.2, 3, 5, 1);
        if (weight < LEAST) {
            return Optional.empty();
        }
        String title = senders.hits() + " of the last day's " + senders.of()
                + " messages have an envelope sender that is new for the account";
        double most = profile.experienced() ? MOST : MOST_NEW;
        return Optional.of(
                FindingFactory.weighed(this, profile, e, Math.min(most, weight), title, senders.hits(), ENOUGH));
    }
}
