package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import java.util.List;

/**
 * How severe the incident of a subject is at most, by what it is about. Below that it is as severe as what is done: info
 * while nothing is, a warning for a hold, critical for a refusal.
 *
 * @param guessing alert.severity.guessing: incidents of failed logins alone, whoever's they are
 * @param theft alert.severity.theft: incidents of accounts that were used
 * @param withoutLogin alert.severity.without-login: incidents of mail that came without a login
 * @param logins alert.severity.logins: incidents of a host's logins altogether, which are told as severe as this
 */
public record SeverityConfig(String guessing, String theft, String withoutLogin, String logins) {
    /** The words of alerts, the mildest first. */
    public static final List<String> MILDEST_FIRST = List.of("info", "warning", "critical");

    SeverityConfig(Parameters p) {
        this(
                p.oneOf("alert.severity.guessing", "warning", MILDEST_FIRST),
                p.oneOf("alert.severity.theft", "critical", MILDEST_FIRST),
                p.oneOf("alert.severity.without-login", "critical", MILDEST_FIRST),
                p.oneOf("alert.severity.logins", "warning", MILDEST_FIRST));
    }

    /** The milder one of two. */
    public static String milder(String one, String other) {
        return MILDEST_FIRST.get(Math.min(MILDEST_FIRST.indexOf(one), MILDEST_FIRST.indexOf(other)));
    }
}
