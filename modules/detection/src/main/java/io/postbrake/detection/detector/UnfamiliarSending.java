package io.postbrake.detection.detector;

import io.postbrake.detection.profile.ClientPrograms;
import io.postbrake.detection.profile.OpenWindow;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.Refusals;
import io.postbrake.detection.profile.SendingRates;
import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * A place where the account is not at home, and more mail from such places than the account sends altogether: each may be its
 * owner on the road, or in a hurry, and both together hardly ever are. The weight is how strange the place is, see
 * {@link SourceNetworks}, and how little the account's own pace explains the mail, see {@link SendingRates}. Silence at home and mail that does
 * not come back speak for the owner.
 */
record UnfamiliarSending() implements Detector {
    private static final double LEAST = 4;
    /** An update weighs less, and a new telephone on its second day. */
    private static final double LEAST_PROGRAM = 0.5;

    private static final double MOST_PACE = 8;
    private static final double MOST_ANYBODYS = 4;
    private static final double MOST_HOUR = 1.5;
    private static final double EVERYDAY = 1.5;
    /** Chance that an owner on the road has a day unlike any before, and how many times as much is then sent. */
    private static final double BUSY_DAY = 0.003;

    private static final double BUSIER = 4;
    private static final long HOUR_MINUTES = 60;

    @Override
    public String id() {
        return "unfamiliar-sending";
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    /** What is refused was sent, too. */
    private static boolean sent(Submission e) {
        return Phase.of(e) == Phase.ACCEPTED || Refusals.counts(e);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.account() || !sent(e) || !seen.strange()) {
            return Optional.empty();
        }
        double program = profile.strangenessOfProgram(seen);
        boolean abroad = seen.abroad();
        if (!abroad && program < LEAST_PROGRAM) {
            return Optional.empty();
        }
        OpenWindow worst = null;
        Surprise pace = null;
        List<OpenWindow> windows = profile.rates(e.getOccurredAt());
        for (OpenWindow window : windows) {
            if (!abroad && window.strange() < SendingRates.enough(window.minutes())) {
                continue;
            }
            Surprise surprise = Surprise.at(window, windows.size());
            if (surprise.weight(0) > 0 && (pace == null || surprise.weight(0) > pace.weight(0))) {
                worst = window;
                pace = surprise;
            }
        }
        if (pace == null || worst == null) {
            return Optional.empty();
        }
        double hour = Math.max(0, Math.min(MOST_HOUR, profile.habits().oddHour(e.getOccurredAt())));
        double place = profile.strangeness(seen) + program + hour;
        if (place + pace.weight(0) < LEAST) {
            return Optional.empty();
        }
        double owners = profile.silence(e) - profile.habits().delivered(e.getOccurredAt());
        long today = windows.get(windows.size() - 1).strange();
        double weight = place + (profile.missed(today, e) ? pace.ofWhatWaited(owners) : pace.weight(owners));
        if (weight < LEAST) {
            return Optional.empty();
        }
        String title = worst.strange() + " messages in " + SendingRates.span(worst.minutes())
                + profile.refusals().share(worst.refused(), worst.strange(), e.getOccurredAt())
                + (abroad || seen.program() == null
                        ? " from where the account is not at home (now " + SubmissionEvidence.place(e) + ")"
                        : " with a program that the account does not use (" + ClientPrograms.text(seen.program()) + ")")
                + ", usual altogether are about " + NumberFormats.tenths(1 + worst.expected());
        return Optional.of(
                FindingFactory.weighed(this, profile, e, weight, title, worst.strange(), 1 + worst.expected()));
    }

    /**
     * How little the pace explains so much mail from elsewhere, in nats. Owners have days unlike any before, of which their past
     * cannot tell: with a small chance the mail has an exponential distribution of a greater mean. A machine's or a circular's
     * pace belongs to the place where it always came from: elsewhere what anybody sends is usual, though with less certainty.
     *
     * @param own by the account's own pace
     * @param anybodys by the pace of people of whom nothing is known
     */
    private record Surprise(double own, double anybodys) {

        static Surprise at(OpenWindow window, int scales) {
            long strange = window.strange();
            if (strange < enough(window.minutes())) {
                return new Surprise(0, 0);
            }
            double usual = window.expected();
            double busy = window.minutes() < HOUR_MINUTES ? 0 : BUSY_DAY * Math.exp(-strange / (BUSIER * (1 + usual)));
            return new Surprise(
                    strange > usual ? nats((window.tail(strange) + busy) * scales) : 0,
                    nats(window.anybodysTail(strange) * scales));
        }

        /** What is left beside as much evidence for the owner. A burst beyond all bounds is not excused by it. */
        double weight(double owners) {
            return Math.max(Math.min(MOST_PACE, own - owners), Math.min(MOST_ANYBODYS, anybodys) - owners);
        }

        /** The same when all is no more than what did not come from home: a backlog comes at once. */
        double ofWhatWaited(double owners) {
            return Math.min(MOST_ANYBODYS, Math.max(own, anybodys)) - owners;
        }
    }

    private static double nats(double tail) {
        return -Math.log(Math.max(tail, 1e-300)) - EVERYDAY;
    }

    /** Fewer are a person who answers some letters. */
    private static long enough(long minutes) {
        return minutes <= 5 ? 6 : 5;
    }
}
