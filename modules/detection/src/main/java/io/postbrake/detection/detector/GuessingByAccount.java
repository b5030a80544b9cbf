package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * An account whose password is being tried. Its owner must not be locked out by that: observed only.
 *
 * @param failures detectors.guessing-by-account.failures: failed logins in 10 minutes
 */
record GuessingByAccount(long failures) implements Detector {
    private static final double SCORE = 0.4;

    GuessingByAccount(Parameters p) {
        this(p.atLeastOne("detectors.guessing-by-account.failures", 10));
    }

    @Override
    public String id() {
        return "guessing-by-account";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.BRUTE_FORCE);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || seen.phase() != Phase.AUTH_FAILED) {
            return Optional.empty();
        }
        long tried = profile.guesses().most(e.getOccurredAt(), 10);
        long addresses = profile.guesses().peersInDay(e.getOccurredAt());
        // A device with an old password, where the owner's others get in.
        boolean owners = profile.mailbox().home(seen.origin(), e.getOccurredAt())
                && profile.guesses().peers(e.getOccurredAt()).size() == 1;
        if ((tried < failures && addresses < failures) || owners) {
            return Optional.empty();
        }
        String title = tried < failures
                ? "Failed logins at this account from " + addresses + " addresses or more within a day"
                : tried + " failed logins in 10 min at this account, from "
                        + profile.guesses().peers(e.getOccurredAt()).size() + " addresses";
        return Optional.of(FindingFactory.about(profile.subjectKey(), this, e, SCORE, title, tried, failures)
                .setObserveOnly(true)
                .build());
    }
}
