package io.postbrake.subject;

import java.time.Instant;

/**
 * What counts for a subject: the detector's block or what an operator said of it. Hosts follow both by themselves, with the
 * detector away too, so whoever tells of hosts must judge by the same rule.
 */
public final class OverridePrecedence {

    /** What counts. */
    public enum Counts {
        /** The detector's block. */
        BLOCK,
        /** A block that an operator set; it stands over the detector's. */
        OPERATORS_BLOCK,
        /** The subject is let through until the allowance ends. */
        ALLOWANCE,
        /** Nothing stands against the subject. */
        NOTHING
    }

    /**
     * The detector's block.
     *
     * @param decidedAt when it was decided
     * @param evidenceAt event time of its newest evidence
     * @param endsAt when it ends; null for never
     */
    public record Decision(Instant decidedAt, Instant evidenceAt, Instant endsAt) {}

    /**
     * What an operator said.
     *
     * @param verb block, unblock or allow
     * @param at when
     * @param endsAt when it ends; null for never
     */
    public record Override(String verb, Instant at, Instant endsAt) {

        boolean stands(Instant now) {
            return endsAt == null || endsAt.isAfter(now);
        }
    }

    private OverridePrecedence() {}

    /** What counts at {@code now}; either may be null. */
    public static Counts of(Decision decision, Override override, Instant now) {
        boolean unblock = override != null && override.verb().equals("unblock");
        if (override != null && !unblock && override.stands(now)) {
            return override.verb().equals("block") ? Counts.OPERATORS_BLOCK : Counts.ALLOWANCE;
        }
        boolean counts = decision != null
                && (decision.endsAt() == null || decision.endsAt().isAfter(now))
                && !spends(override, decision);
        return counts ? Counts.BLOCK : Counts.NOTHING;
    }

    /** An allowance and an unblock use up all that was known when they were said, also after they ended. */
    private static boolean spends(Override override, Decision decision) {
        return override != null
                && !override.verb().equals("block")
                && !(decision.evidenceAt().isAfter(override.at())
                        && decision.decidedAt().isAfter(override.at()));
    }
}
