package io.postbrake.policysink;

import java.util.Collection;
import java.util.List;

/** Which record keys concern one table, and as what. */
interface Subjects {

    String NEVER = "policy.never.block keeps it out of the table";

    /** Whether records of this key are about subjects of this table. */
    boolean concerns(String recordKey);

    /** The subject of such a record; null when it cannot be one, so that nothing of it is written. */
    String subject(String recordKey);

    /** The keys that a subject has in this table. Several subjects may have one of them. */
    default List<String> keys(String subject) {
        return List.of(subject);
    }

    /** The key of records about a key of the table. */
    String recordKey(String key);

    /** Whether this key may never be blocked. */
    boolean never(String key);

    /** Why a block of this key stands in no table all the same; null when it stands there. */
    default String keptOut(String key, Wanted block) {
        return never(key) ? NEVER : null;
    }

    /** Whether a block of this key belongs into this table. */
    default boolean enforces(String key) {
        return true;
    }

    /** What stands in the table of a block. */
    default Entry entry(Replies replies, Wanted block) {
        return replies.of(block);
    }

    /**
     * An operator's block, with what this table needs to know of the detector's behind it.
     *
     * @param blockOrNull the newest block of the detector, ended or not
     */
    default Wanted operators(Wanted word, Wanted blockOrNull) {
        return word;
    }

    /** The reply that keeps wider entries from counting for an allowed key; null where no entry is wider. */
    default String exemption(String key) {
        return null;
    }

    /** Keys that were kept out for want of room and may have some now: they are looked at anew. */
    default Collection<String> again() {
        return List.of();
    }

    /**
     * Hears, whenever a key was looked at, which block of it stands, be it in the table or kept out; null: none. Called with null for
     * {@code key} too, when all is looked at anew.
     */
    default void stands(String key, Wanted blockOrNull) {}
}
