package io.postbrake.detection.detector;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.Rings;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * An address that tries passwords. A device that retries one account's old password is only observed, and so is an address that
 * accounts log in from for days.
 */
record GuessingByAddress(DetectionConfig config) implements Detector {
    private static final double GUESSER = 0.85;
    private static final double DEVICE = 0.4;
    private static final long STUBBORN = 5;
    /** How many times as many failures it takes when they come slowly, within an hour. */
    private static final double SLOW = 1.5;

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
        long failures = profile.guesses().most(e.getOccurredAt(), 10);
        long slow = profile.guesses().most(e.getOccurredAt(), Rings.MINUTES);
        if (failures < config.addressFailures()) {
            boolean many = slow >= SLOW * config.addressFailures()
                    && profile.guesses().peers(e.getOccurredAt()).size() >= config.addressFailures();
            return many
                    ? Optional.of(FindingFactory.finding(
                            this,
                            profile,
                            e,
                            shared(profile, e) ? DEVICE : GUESSER,
                            slow + " failed logins in an hour from this address, at many accounts",
                            slow,
                            SLOW * config.addressFailures()))
                    : Optional.empty();
        }
        boolean oneAccount = profile.guesses().one(profile.newest()) && failures < STUBBORN * config.addressFailures();
        return Optional.of(FindingFactory.finding(
                this,
                profile,
                e,
                oneAccount || shared(profile, e) ? DEVICE : GUESSER,
                failures + " failed logins in 10 min from this address",
                failures,
                config.addressFailures()));
    }

    /** An office or a webmail server: refusing it would lock out those who did not fail. */
    private static boolean shared(Profile profile, Submission e) {
        return profile.residents().any(e.getOccurredAt());
    }
}
