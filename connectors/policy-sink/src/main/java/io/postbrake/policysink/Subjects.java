package io.postbrake.policysink;

/** Which record keys concern one table, and as what. */
interface Subjects {

    /** Whether records of this key are about subjects of this table. */
    boolean concerns(String recordKey);

    /** The table's key of such a record; null when the subject cannot be one, so that nothing of it is written. */
    String key(String recordKey);

    /** The key of records about a key of the table. */
    String recordKey(String key);

    /** Whether this key may never be blocked. */
    boolean never(String key);

    /** Whether a block of this key belongs into this table. */
    default boolean enforces(String key) {
        return true;
    }

    /** The reply that keeps wider entries from counting for an allowed key; null where no entry is wider. */
    default String exemption(String key) {
        return null;
    }
}
