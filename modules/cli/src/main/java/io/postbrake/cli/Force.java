package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.subject.OverridePrecedence;
import java.time.Instant;

/**
 * Whether hosts enforce a block that stands on its topic. They follow operators' words at once, the detector only when it is
 * there: until then the block is on the topic still.
 *
 * @param inForce whether hosts refuse by it
 * @param by what keeps them from it, null when nothing does: allow or unblock of an operator, or its end
 * @param word the operator's word that does; null when none does
 */
record Force(boolean inForce, String by, OperatorOverride word) {

    /** Judges as an enforcer does. */
    static Force of(Block block, OperatorOverride wordOrNull, Instant now) {
        if (!block.getEndsAt().isAfter(now)) {
            return new Force(false, "ended", null);
        }
        var word = wordOrNull == null
                ? null
                : new OverridePrecedence.Override(wordOrNull.getVerb(), wordOrNull.getAt(), wordOrNull.getEndsAt());
        var decision =
                new OverridePrecedence.Decision(block.getDecidedAt(), block.getLastEvidenceAt(), block.getEndsAt());
        return switch (OverridePrecedence.of(decision, word, now)) {
            case BLOCK, OPERATORS_BLOCK -> new Force(true, null, null);
            case ALLOWANCE, NOTHING -> new Force(false, wordOrNull.getVerb(), wordOrNull);
        };
    }

    /** For people; empty when it is in force. */
    String said() {
        return inForce ? "" : word == null ? "it ended" : by + " by " + word.getActor();
    }
}
