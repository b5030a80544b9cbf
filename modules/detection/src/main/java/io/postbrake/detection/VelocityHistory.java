package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Many more messages than this account's own history makes believable, see {@link Rates}. Without history the weak prior
 * makes about thirty messages in five minutes suspicious enough to hold mail, which loses none.
 */
record VelocityHistory(DetectionConfig config) implements Detector {
    /** Alone it holds mail at most: people do send circulars. */
    private static final double MOST = 0.75;

    private static final double LEAST = 0.2;
    private static final double PER_DECADE = 0.11;

    @Override
    public String id() {
        return "velocity-history";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS, Technique.EMAIL_ACCOUNTS);
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        if (!profile.account() || !e.getPhase().equals("ACCEPTED")) {
            return Optional.empty();
        }
        Rates.Open worst = null;
        double least = config.tailProbability();
        for (Rates.Open window : Rates.open(profile.state.getRates(), e.getOccurredAt())) {
            if (window.count() < enough(window.minutes())) {
                continue;
            }
            // As many chances to be surprised as there are scales.
            double tail = window.tail() * profile.state.getRates().size();
            if (tail < least) {
                worst = window;
                least = tail;
            }
        }
        if (worst == null) {
            return Optional.empty();
        }
        double decades = Math.log10(config.tailProbability()) - Math.log10(Math.max(least, 1e-300));
        double score = Math.min(MOST, LEAST + PER_DECADE * decades);
        String title = String.format(
                Locale.ROOT,
                "%d messages in %d min, usual are about %.1f (chance %.0e)",
                worst.count(),
                worst.minutes(),
                1 + worst.expected(),
                least);
        return Optional.of(profile.finding(this, e, score, title, worst.count(), 1 + worst.expected()));
    }

    /** Fewer are a person typing, however quiet the account was. */
    private static long enough(long minutes) {
        return minutes <= 1 ? 7 : minutes <= 5 ? 10 : minutes <= 15 ? 15 : 25;
    }
}
