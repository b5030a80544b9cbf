package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;

/**
 * Mail from a country that hardly any account of the fleet sends from. The fleet asks it when an account begins to send from
 * there.
 *
 * @param accounts detectors.new-country.fleet-accounts: accounts after which the fleet has a history
 * @param days detectors.new-country.history-days: days after which it has one
 */
public record NewCountryForFleet(long accounts, long days) implements FindingSource {
    /** What it weighs that hardly anybody sends from there, in nats. */
    public static final double WEIGHT = 6.7;

    NewCountryForFleet(Parameters p) {
        this(
                p.atLeastOne("detectors.new-country.fleet-accounts", 10),
                p.atLeastOne("detectors.new-country.history-days", 3));
    }

    @Override
    public String id() {
        return "new-country-for-fleet";
    }
}
