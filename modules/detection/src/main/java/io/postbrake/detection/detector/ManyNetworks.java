package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** Several networks within a day where the account is not at home: a traveller has a hotel and a phone, a botnet has more. */
record ManyNetworks() implements Detector {
    private static final long USUAL = 2;
    private static final double EACH = 1.5;
    private static final double MOST = 6;

    @Override
    public String id() {
        return "many-networks";
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean concerns = profile.account() && seen.phase() == Phase.ACCEPTED;
        if (!concerns || !seen.abroad()) {
            return Optional.empty();
        }
        long networks = profile.origins().strangeSince(e.getOccurredAt());
        if (networks <= USUAL) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, EACH * (networks - USUAL));
        return Optional.of(FindingFactory.weighed(
                this, profile, e, weight, networks + " new networks within two days", networks, USUAL));
    }
}
