package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingHabits;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** More of the mail comes back than the account's own lists explain: spam lists are old and bought. */
record BouncedShare() implements Detector {
    private static final long ENOUGH = 3;
    private static final double LEAST = 1;
    private static final double MOST = 5.5;

    @Override
    public String id() {
        return "bounced-share";
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || seen.phase() != Phase.OUTCOME) {
            return Optional.empty();
        }
        SendingHabits.Share bounces = profile.habits().bounces(e.getOccurredAt());
        if (bounces.hits() < ENOUGH) {
            return Optional.empty();
        }
        double weight = bounces.weight(
                SendingHabits.RARE_BOUNCES,
                SendingHabits.SEEN_BOUNCES,
                SendingHabits.THIEFS_BOUNCES,
                SendingHabits.THIEFS_DELIVERIES);
        if (weight < LEAST) {
            return Optional.empty();
        }
        String title = bounces.hits() + " of the last day's " + bounces.of() + " recipients bounced";
        return Optional.of(
                FindingFactory.weighed(this, profile, e, Math.min(MOST, weight), title, bounces.hits(), ENOUGH));
    }
}
