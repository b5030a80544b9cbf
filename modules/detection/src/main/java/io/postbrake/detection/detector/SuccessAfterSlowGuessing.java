package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/**
 * A login from the neighbourhood that tried this account's password within the last week. Passwords are often tested first
 * and used days later; whoever mistypes at home is at home.
 *
 * @param failures detectors.success-after-guessing.failures: failed logins within a week
 */
record SuccessAfterSlowGuessing(long failures) implements Detector {
    private static final double AT_HOME = 2;
    private static final double PER_STRANGENESS = 1.5;
    private static final double MOST = 6;

    SuccessAfterSlowGuessing(Parameters p) {
        this(SuccessAfterGuessing.failures(p));
    }

    @Override
    public String id() {
        return "success-after-slow-guessing";
    }

    @Override
    public Family family() {
        return Family.GUESSED;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean reads = seen.phase() == Phase.LOGIN;
        boolean logsIn = reads || seen.phase() == Phase.ATTEMPT;
        if (!profile.account() || !logsIn || e.getClientIp() == null) {
            return Optional.empty();
        }
        if (reads && profile.mailbox().home(seen.origin(), e.getOccurredAt())) {
            return Optional.empty();
        }
        long failed = profile.guesses().near(e.getClientIp(), e.getOccurredAt());
        if (failed < failures) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, AT_HOME + PER_STRANGENESS * profile.strangeness(seen));
        String title =
                "Login after " + failed + " failed logins at this account from the same neighbourhood within a week";
        Finding finding = FindingFactory.weighed(this, profile, e, weight, title, failed, failures);
        finding.setObserveOnly(reads);
        return Optional.of(finding);
    }
}
