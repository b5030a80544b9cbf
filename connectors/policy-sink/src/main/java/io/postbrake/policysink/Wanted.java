package io.postbrake.policysink;

import java.time.Instant;
import java.util.List;

/**
 * One block or operator's word, as far as the enforcer needs it.
 *
 * @param verb allow, block or unblock; a detector's block is "block"
 * @param action hold, defer, reject or disconnect; null where the verb has none
 * @param at when it was decided or said
 * @param evidenceAt event time of the newest evidence, for a detector's block
 * @param endsAt when it ends; null: until changed
 * @param blockId the detector's id of the block; null for a word
 * @param homes networks in CIDR notation from which the account's mailbox is read at home, as far as the detector knows
 */
record Wanted(
        String verb,
        String action,
        String text,
        String reference,
        Instant at,
        Instant evidenceAt,
        Instant endsAt,
        String blockId,
        List<String> homes) {

    Wanted {
        homes = List.copyOf(homes);
    }

    /** One that knows of no home. */
    Wanted(
            String verb,
            String action,
            String text,
            String reference,
            Instant at,
            Instant evidenceAt,
            Instant endsAt,
            String blockId) {
        this(verb, action, text, reference, at, evidenceAt, endsAt, blockId, List.of());
    }

    /** The same, with these networks. */
    Wanted withHomes(List<String> homes) {
        return new Wanted(verb, action, text, reference, at, evidenceAt, endsAt, blockId, homes);
    }

    /** When it ends in milliseconds since 1970, as an {@link Entry} has it. */
    long endMillis() {
        return endsAt == null ? Entry.NEVER : endsAt.toEpochMilli();
    }

    boolean ended(Instant now) {
        return endsAt != null && !endsAt.isAfter(now);
    }
}
