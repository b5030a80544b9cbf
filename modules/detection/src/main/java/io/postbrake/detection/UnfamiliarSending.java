package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * A place where the account is not at home, and more mail from such places than the account sends altogether: each may be its
 * owner on the road, or in a hurry, and both together hardly ever are. The weight is how strange the place is, see
 * {@link Origins}, and how little the account's own pace explains the mail, see {@link Rates}.
 */
record UnfamiliarSending() implements Detector {
    static final String FAMILY = "use";
    private static final double LEAST = 4;
    /** An update weighs less, and a new telephone on its second day. */
    private static final double LEAST_PROGRAM = 0.5;

    private static final double MOST_PACE = 8;
    private static final double MOST_ANYBODYS = 4;
    private static final double MOST_HOUR = 1.5;
    private static final double EVERYDAY = 1.5;

    @Override
    public String id() {
        return "unfamiliar-sending";
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        if (!profile.account() || !e.getPhase().equals("ACCEPTED") || !profile.strange(e)) {
            return Optional.empty();
        }
        double program = profile.strangenessOfProgram(e);
        boolean abroad = profile.abroad(e);
        if (!abroad && program < LEAST_PROGRAM) {
            return Optional.empty();
        }
        Rates.Open worst = null;
        double pace = 0;
        List<Rates.Open> windows = Rates.open(profile.state.getRates(), e.getOccurredAt());
        for (Rates.Open window : windows) {
            if (!abroad && window.strange() < VelocityHistory.enough(window.minutes())) {
                continue;
            }
            double surprise = surprise(window, windows.size());
            if (surprise > pace) {
                worst = window;
                pace = surprise;
            }
        }
        if (worst == null) {
            return Optional.empty();
        }
        double hour = Math.max(0, Math.min(MOST_HOUR, profile.habits().oddHour(e.getOccurredAt())));
        double weight = profile.strangeness(e) + program + pace + hour;
        if (weight < LEAST) {
            return Optional.empty();
        }
        String title = worst.strange() + " messages in " + VelocityHistory.span(worst.minutes())
                + (abroad
                        ? " from where the account is not at home (now " + place(e) + ")"
                        : " with a program that the account does not use (" + Programs.text(Programs.name(e)) + ")")
                + ", usual altogether are about " + Figures.tenths(1 + worst.expected());
        return Optional.of(profile.weighed(this, e, weight, title, worst.strange(), 1 + worst.expected()));
    }

    /**
     * How little the account's own pace explains so much mail from elsewhere, in nats. A machine's or a circular's pace belongs
     * to the place where it always came from: elsewhere what anybody sends is usual, though with less certainty.
     */
    private static double surprise(Rates.Open window, int scales) {
        long strange = window.strange();
        if (strange < enough(window.minutes())) {
            return 0;
        }
        double own = strange > window.expected() ? nats(window.tail(strange) * scales) : 0;
        double anybodys = nats(window.anybodysTail(strange) * scales);
        return Math.max(Math.min(MOST_PACE, own), Math.min(MOST_ANYBODYS, anybodys));
    }

    private static double nats(double tail) {
        return -Math.log(Math.max(tail, 1e-300)) - EVERYDAY;
    }

    /** Fewer are a person who answers some letters. */
    private static long enough(long minutes) {
        return minutes <= 5 ? 6 : 5;
    }

    static String place(Submission e) {
        String network = e.getAsOrganisation() != null ? e.getAsOrganisation() : Origins.name(e);
        return e.getCountry() == null ? network : network + ", " + e.getCountry();
    }
}
