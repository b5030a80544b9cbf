package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/**
 * An account that goes on after it was decided to block it, far beyond what is usual for it. Held mail is not noticed by its
 * sender: an owner goes on as ever, a thief's program sends its list to the end. Each doubling of the attempts adds to the weight.
 * Whether a host has the block is not known here, so the text speaks of the decision.
 *
 * @param attempts detectors.persistence-under-block.attempts: a day's attempts that nobody minds
 */
record PersistenceUnderBlock(long attempts) implements Detector {
    private static final double PER_DOUBLING = 1;
    private static final double MOST = 5;
    /** How many times a usual day's mail is still the owner in a hurry. */
    private static final double HURRY = 1.5;

    PersistenceUnderBlock(Parameters p) {
        this(p.atLeastOne("detectors.persistence-under-block.attempts", 5));
    }

    @Override
    public String id() {
        return "persistence-under-block";
    }

    @Override
    public boolean describesBatch() {
        return true;
    }

    @Override
    public boolean presumesBlock() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean attempt = seen.phase() == Phase.ATTEMPT || seen.phase() == Phase.REFUSED;
        if (!profile.account() || !attempt || !profile.blockedAt(e)) {
            return Optional.empty();
        }
        long tried = profile.attemptsUnderBlock(e.getOccurredAt());
        double usual = profile.usualPerDay();
        double base = Math.max(attempts, HURRY * usual);
        if (tried < 2 * base) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, PER_DOUBLING * Math.log(tried / base) / Math.log(2));
        String title =
                tried + " attempts since a block was decided, usual a day are about " + NumberFormats.whole(usual);
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, tried, 2 * base));
    }
}
