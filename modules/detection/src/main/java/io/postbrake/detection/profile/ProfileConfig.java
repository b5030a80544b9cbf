package io.postbrake.detection.profile;

import io.postbrake.detection.parameter.Parameters;
import java.time.Duration;

/**
 * What a profile is made and read with. Some keys have the name of the detector that they came with, though more than one
 * looks at what they say.
 *
 * @param prior risk.prior: probability that an account is being abused before anything is seen of it
 * @param historyDays detectors.new-country.history-days: days with mail after which an account has a history
 * @param historyMessages detectors.new-country.history-messages: messages after which it has one
 * @param memoryWindows detectors.velocity-history.memory-windows: windows with mail after which an old one counts a third
 * @param newcomersPace detectors.velocity-ceiling.messages-per-hour: as many an hour are no usual pace without a history
 * @param lateness lateness: how far arrivals of different hosts may be out of order without making a difference
 * @param forgetAfter profile.forget.after
 */
public record ProfileConfig(
        double prior,
        long historyDays,
        long historyMessages,
        long memoryWindows,
        long newcomersPace,
        Duration lateness,
        Duration forgetAfter) {

    private static final Duration MOST_LATENESS = Duration.ofMinutes(1);

    /** Reads it. */
    public ProfileConfig(Parameters p) {
        this(
                p.inside("risk.prior", 0.001, 0, 0.1),
                p.atLeastOne("detectors.new-country.history-days", 3),
                p.atLeastOne("detectors.new-country.history-messages", 10),
                p.atLeastOne("detectors.velocity-history.memory-windows", 50),
                messagesPerHour(p),
                p.duration("lateness", "30s"),
                p.lasting("profile.forget.after", "90d"));
        if (lateness.isNegative() || lateness.compareTo(MOST_LATENESS) > 0) {
            p.bad("lateness", lateness, "at most 60s, the shortest window that rates are learnt in");
        }
    }

    /** The ceiling of an account without a history. */
    public static long messagesPerHour(Parameters p) {
        return p.atLeastOne("detectors.velocity-ceiling.messages-per-hour", 50);
    }
}
