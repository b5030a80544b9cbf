package io.postbrake.detection.detector;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/**
 * An account that goes on under a block far beyond what is usual for it. Held mail is not noticed by its sender: an owner
 * goes on as ever, a thief's program sends its list to the end. Each doubling of the attempts adds
 * to the weight.
 */
record PersistenceUnderBlock(DetectionConfig config) implements Detector {
    private static final double PER_DOUBLING = 1;
    private static final double MOST = 5;
    /** How many times a usual day's mail is still the owner in a hurry. */
    private static final double HURRY = 1.5;

    @Override
    public String id() {
        return "persistence-under-block";
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean attempt = e.getPhase().equals("ATTEMPT") || e.getPhase().equals("REFUSED");
        if (!profile.account() || !attempt || !profile.blocked()) {
            return Optional.empty();
        }
        long attempts = profile.attemptsUnderBlock(e.getOccurredAt());
        double usual = profile.usualPerDay();
        double base = Math.max(config.persistenceAttempts(), HURRY * usual);
        if (attempts < 2 * base) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, PER_DOUBLING * Math.log(attempts / base) / Math.log(2));
        String title = attempts + " attempts under the block within a day, usual are about " + Figures.whole(usual);
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, attempts, 2 * base));
    }
}
