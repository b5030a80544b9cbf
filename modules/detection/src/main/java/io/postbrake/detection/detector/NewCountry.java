package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** A country this account never sent from. People travel: never more than an observation by itself. */
record NewCountry() implements Detector {
    private static final double YOUNG = 1;

    @Override
    public String id() {
        return "new-country";
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean attempt = seen.phase() == Phase.ATTEMPT && e.getCountry() != null;
        if (!profile.account() || !attempt) {
            return Optional.empty();
        }
        if (profile.usualCountry(e.getCountry()) || profile.countries().isEmpty()) {
            return Optional.empty();
        }
        String title = "First mail from " + e.getCountry() + "; known are " + String.join(", ", profile.countries());
        double weight = profile.experienced() ? Math.max(YOUNG, profile.strangeness(seen)) : YOUNG;
        Finding finding = FindingFactory.weighed(
                this,
                profile,
                e,
                weight,
                title,
                profile.messages(),
                profile.config().historyMessages());
        // Cold start: everything is new on the first days, so that it must not weigh in with others either.
        finding.setObserveOnly(!profile.experienced());
        return Optional.of(finding);
    }
}
