package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import java.time.Duration;

/**
 * From which probability of abuse on what is done.
 *
 * @param hold risk.hold
 * @param defer risk.defer
 * @param reject risk.reject
 * @param window risk.window: for how long evidence counts
 */
public record RiskConfig(double hold, double defer, double reject, Duration window) {

    RiskConfig(Parameters p) {
        this(
                p.inside("risk.hold", 0.5, 0, 1),
                p.inside("risk.defer", 0.8, 0, 1),
                p.inside("risk.reject", 0.9, 0, 1),
                p.lasting("risk.window", "24h"));
        if (defer < hold) {
            p.bad("risk.defer", defer, "at least risk.hold (" + hold + ")");
        }
        if (reject < defer) {
            p.bad("risk.reject", reject, "at least risk.defer (" + defer + ")");
        }
    }
}
