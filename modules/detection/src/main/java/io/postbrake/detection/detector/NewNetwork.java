package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** An operator's network that the account did not send from before. It weighs by how strange it is. */
record NewNetwork() implements Detector {
    private static final double LEAST = 1.5;

    @Override
    public String id() {
        return "new-network";
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        if (!profile.beginsFrom(seen)) {
            return Optional.empty();
        }
        double weight = profile.strangeness(seen);
        return weight < LEAST
                ? Optional.empty()
                : Optional.of(FindingFactory.weighed(
                        this,
                        profile,
                        seen.event(),
                        weight,
                        "Mail from a new network, " + SubmissionEvidence.place(seen.event()),
                        weight,
                        LEAST));
    }
}
