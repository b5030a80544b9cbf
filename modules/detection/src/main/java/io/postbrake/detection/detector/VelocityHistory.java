package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.OpenWindow;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SendingRates;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Many more messages than this account's own history makes believable, see {@link SendingRates}. A person at home may send a circular
 * to hundreds for the first time: that alone is observed, not stopped, and stops mail only together with other evidence, such as
 * many bounces. Not so from a front end that is shared by many accounts: nobody is at home there.
 */
record VelocityHistory() implements Detector {
    private static final double AT_HOME = 3;
    /** What is added where the account has been for days only: circulars come from the desk, and thieves grow slowly. */
    private static final double YOUNG = 4.5;

    /** What each further hour adds that is as busy; a circular may cross the clock's hour. */
    private static final double LASTING = 2;

    private static final double MOST_LASTING = 4;
    private static final long CIRCULAR_HOURS = 2;
    private static final double BUSY = 4;
    private static final double MOST_ODD = 1.5;
    /** Where many accounts log in, as of mail from an unknown place; but some tens are letters that an owner writes to a club's members. */
    private static final double MOST_SHARED = 8;

    /** Enough to hold by itself: a public address may be a carrier's all the same. */
    private static final double MOST_PUBLIC = 7.5;

    private static final double LETTERS = 25;
    private static final double PER_DOUBLING = 2.5;

    private static final double NO_HISTORY = 2;
    private static final double LEAST = 1;
    /** As many nats of surprise are everyday. */
    private static final double EVERYDAY = 7;

    VelocityHistory(Parameters p) {
        this();
        // Files of earlier builds set it. What is surprising is weighed since, and has no one limit.
        p.inside("detectors.velocity-history.tail-probability", 1e-4, 0, 0.1);
    }

    @Override
    public String id() {
        return "velocity-history";
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
        if (!profile.account() || seen.phase() != Phase.ACCEPTED) {
            return Optional.empty();
        }
        OpenWindow worst = null;
        double least = 1;
        List<OpenWindow> windows = profile.rates(e.getOccurredAt());
        for (OpenWindow window : windows) {
            if (window.count() < SendingRates.enough(window.minutes()) || window.count() < 2 * window.expected()) {
                continue;
            }
            double tail = window.tail() * windows.size();
            if (tail < least) {
                worst = window;
                least = tail;
            }
        }
        double weight = -Math.log(Math.max(least, 1e-300)) - EVERYDAY;
        if (worst == null || weight < LEAST) {
            return Optional.empty();
        }
        String title = worst.count() + " messages in " + SendingRates.span(worst.minutes())
                + profile.refusals().share(worst.refused(), worst.count(), e.getOccurredAt()) + ", usual are about "
                + NumberFormats.tenths(1 + worst.expected()) + " (chance " + NumberFormats.chance(least) + ")"
                + (seen.shared() || seen.crowded() ? ", from " + e.getClientIp() + ", where many accounts log in" : "");
        double counts = profile.experienced()
                ? bounded(weight, worst.count(), profile, seen, windows)
                : Math.min(NO_HISTORY, weight);
        return Optional.of(
                FindingFactory.weighed(this, profile, e, counts, title, worst.count(), 1 + worst.expected()));
    }

    /** At home a burst alone is a circular; but circulars end within an hour or two, and come when their senders work. */
    private static double bounded(
            double weight, long messages, Profile profile, SubmissionContext seen, List<OpenWindow> windows) {
        Submission e = seen.event();
        Instant at = e.getOccurredAt();
        double hourly = windows.stream()
                .filter(w -> w.minutes() == 60)
                .mapToDouble(OpenWindow::expected)
                .findFirst()
                .orElse(0);
        double lasting = Math.min(MOST_LASTING, LASTING * Math.max(0, busyHours(profile, at, hourly) - CIRCULAR_HOURS));
        double odd = Math.max(0, Math.min(MOST_ODD, profile.habits().oddHour(at)));
        if (seen.shared()) {
            return shared(weight, messages, MOST_SHARED, odd);
        }
        double young = YOUNG * profile.origins().youth(seen.origin(), at);
        double most = AT_HOME + lasting + odd;
        long strange = windows.get(windows.size() - 1).strange();
        double there = Math.min(most, weight);
        if (young > 0 && weight > most && (strange == 0 || !profile.missed(strange, e))) {
            // An owner who is new there takes the mail along, and writes to those who exist.
            double owners = profile.silence(e) - profile.habits().delivered(at);
            there = Math.max(most, Math.min(most + young, weight - owners));
        }
        return seen.crowded() ? Math.max(there, shared(weight, messages, MOST_PUBLIC, 0)) : there;
    }

    /** Whoever has the password comes from there: it is no desk that a circular would be sent from. */
    private static double shared(double weight, long messages, double most, double odd) {
        double many = PER_DOUBLING * Math.max(0, Math.log(messages / LETTERS) / Math.log(2));
        return Math.min(Math.min(most, AT_HOME + many) + odd, weight);
    }

    /** Hours of the last day in each of which more was sent than a person types, and far more than is usual. */
    private static long busyHours(Profile profile, Instant at, double usual) {
        double busy = Math.max(SendingRates.enough(60), BUSY * (1 + usual));
        return profile.hoursWith(busy, at);
    }
}
