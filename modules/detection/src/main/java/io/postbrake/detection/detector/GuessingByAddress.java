package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.RingWindow;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * An address that tries passwords. A device that retries one account's old password is only observed, and so is an address that
 * accounts log in from for days.
 *
 * @param failures detectors.guessing-by-address.failures: failed logins in 10 minutes
 */
record GuessingByAddress(long failures) implements Detector {
    private static final double GUESSER = 0.85;
    private static final double DEVICE = 0.4;
    private static final long STUBBORN = 5;
    /** How many times as many failures it takes when they come slowly, within an hour. */
    private static final double SLOW = 1.5;

    GuessingByAddress(Parameters p) {
        this(p.atLeastOne("detectors.guessing-by-address.failures", 10));
    }

    @Override
    public String id() {
        return "guessing-by-address";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.BRUTE_FORCE);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.client() || !profile.guessed(e)) {
            return Optional.empty();
        }
        long tried = profile.guesses().most(e.getOccurredAt(), 10);
        long slow = profile.guesses().most(e.getOccurredAt(), RingWindow.MINUTES);
        if (tried < failures) {
            boolean many = slow >= SLOW * failures
                    && profile.guesses().peers(e.getOccurredAt()).size() >= failures;
            return many
                    ? Optional.of(FindingFactory.finding(
                            this,
                            profile,
                            e,
                            shared(profile, e) ? DEVICE : GUESSER,
                            slow + " failed logins in an hour from this address, at many accounts",
                            slow,
                            SLOW * failures))
                    : Optional.empty();
        }
        boolean oneAccount = profile.guesses().one(profile.newest()) && tried < STUBBORN * failures;
        return Optional.of(FindingFactory.finding(
                this,
                profile,
                e,
                oneAccount || shared(profile, e) ? DEVICE : GUESSER,
                tried + " failed logins in 10 min from this address",
                tried,
                failures));
    }

    /** An office or a webmail server: refusing it would lock out those who did not fail. */
    private static boolean shared(Profile profile, Submission e) {
        return profile.residents().any(e.getOccurredAt());
    }
}
