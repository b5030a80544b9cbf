package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A table that Postfix consults and one enforcer keeps. */
interface PolicyTable {

    /** Its file. */
    Path path();

    /** Entries, one after the other. */
    interface Contents {
        /** Hands over each of them. */
        void each(BiConsumer<String, Entry> to) throws IOException;
    }

    /** What the table says of these keys; those it has nothing of are left out, all of them when it is lost. */
    Map<String, Entry> entries(Collection<String> keys) throws IOException;

    /** At most so many entries behind a key in the table's own order, null begins; empty when it is lost. */
    List<Map.Entry<String, Entry>> after(String key, int most) throws IOException;

    /**
     * Makes all changes at once and reads them back; a null entry removes the key.
     *
     * @throws IOException when a change is not in the table afterwards
     */
    void apply(Map<String, Entry> changes) throws IOException;

    /** Whether the table is missing, unreadable or damaged, so that it must be {@link #rebuild built} anew. */
    boolean lost();

    /** Builds the whole table beside and renames it into place. The contents may be asked for more than once. */
    void rebuild(Contents contents) throws IOException;

    /** Whether every change is a new file, which Postfix notices when a process starts. */
    default boolean changedByRenaming() {
        return false;
    }

    /** Milliseconds of the longest wait for the table's lock since the start. */
    default long longestLockWait() {
        return 0;
    }

    /** How often the table could not be written because another process held its lock for too long. */
    default long lockFailures() {
        return 0;
    }

    /** How many entries there are, 0 when lost. */
    long count();

    /** Bytes on the disk, 0 when lost. */
    long size();
}
