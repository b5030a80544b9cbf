package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.ProfileConfig;
import io.postbrake.detection.profile.Refusals;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Fixed quotas, for accounts whose own history does not say what is normal. An account with a history has ceilings many times
 * as high, and so, less high, has a newcomer in a place that many accounts of the fleet send from.
 *
 * @param messagesPerHour detectors.velocity-ceiling.messages-per-hour
 * @param messagesPerDay detectors.velocity-ceiling.messages-per-day
 * @param recipientsPerHour detectors.velocity-ceiling.recipients-per-hour
 * @param recipientsPerDay detectors.velocity-ceiling.recipients-per-day
 * @param experiencedFactor detectors.velocity-ceiling.experienced-factor: how many times as high the ceilings are for an
 *     account with a history; 1 makes them hard limits
 * @param knownPlaceFactor detectors.velocity-ceiling.known-place-factor: the same for an account without a history that
 *     sends from where many accounts of the fleet do
 */
record VelocityCeiling(
        long messagesPerHour,
        long messagesPerDay,
        long recipientsPerHour,
        long recipientsPerDay,
        double experiencedFactor,
        double knownPlaceFactor)
        implements Detector {
    private static final String KEY = "detectors.velocity-ceiling.";

    private static final double REACHED = 8;
    /** In a day, but never in an hour: so do machines. Told, and stopped together with any other sign, or when it grows. */
    private static final double SLOWLY = 6.2;

    private static final double MOST = 10;

    VelocityCeiling(Parameters p) {
        this(
                ProfileConfig.messagesPerHour(p),
                p.atLeastOne(KEY + "messages-per-day", 200),
                p.atLeastOne(KEY + "recipients-per-hour", 500),
                p.atLeastOne(KEY + "recipients-per-day", 2000),
                p.factor(KEY + "experienced-factor", 20),
                p.factor(KEY + "known-place-factor", 8));
    }

    @Override
    public String id() {
        return "velocity-ceiling";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS, Technique.EMAIL_ACCOUNTS);
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    @Override
    public boolean describesBatch() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || !(seen.phase() == Phase.ACCEPTED || Refusals.counts(e))) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        double factor = factor(profile, seen);
        long refused = profile.refusals().inHour(at);
        return over(
                        profile,
                        e,
                        REACHED,
                        profile.messagesInHour(at) + refused,
                        factor * messagesPerHour,
                        () -> "messages in an hour"
                                + profile.refusals().share(refused, profile.messagesInHour(at) + refused, at))
                .or(() -> over(
                        profile,
                        e,
                        REACHED,
                        profile.recipientsInHour(at),
                        factor * recipientsPerHour,
                        () -> "recipients in an hour"))
                .or(() -> over(
                        profile,
                        e,
                        SLOWLY,
                        profile.messagesInDay(at),
                        factor * messagesPerDay,
                        () -> "messages in a day"))
                .or(() -> over(
                        profile,
                        e,
                        SLOWLY,
                        profile.recipientsInDay(at),
                        factor * recipientsPerDay,
                        () -> "recipients in a day"));
    }

    private double factor(Profile profile, SubmissionContext seen) {
        // On its third day the account has a history, and mail from elsewhere is no part of it: that comes with the day
        // after.
        boolean elsewhere = !seen.history() && !profile.origins().beganAt(seen.origin());
        if (profile.experienced() && !elsewhere) {
            return experiencedFactor;
        }
        return profile.origins().fleet(seen.origin()) > 0 ? knownPlaceFactor : 1;
    }

    private Optional<Finding> over(
            Profile profile, Submission e, double least, long count, double limit, Supplier<String> what) {
        if (count < limit) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, least + Math.log(count / limit));
        String title = count + " " + what.get() + " reach the ceiling of " + NumberFormats.whole(limit);
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, count, limit));
    }
}
