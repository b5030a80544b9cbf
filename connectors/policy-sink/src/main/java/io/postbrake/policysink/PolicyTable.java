package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A table that Postfix consults and one enforcer keeps. */
interface PolicyTable {

    /** Its file. */
    Path path();

    /** What the table says of a key; null also when it is lost. */
    Entry entry(String key) throws IOException;

    /** Everything in the table; empty when it is lost. */
    Map<String, Entry> all() throws IOException;

    /**
     * Makes all changes at once and reads them back; a null entry removes the key.
     *
     * @throws IOException when a change is not in the table afterwards
     */
    void apply(Map<String, Entry> changes) throws IOException;

    /** Whether the table is missing, unreadable or damaged, so that it must be {@link #rebuild built} anew. */
    boolean lost();

    /** Builds the whole table beside and renames it into place. */
    void rebuild(Map<String, Entry> entries) throws IOException;

    /** Whether every change is a new file, which Postfix notices when a process starts. */
    default boolean changedByRenaming() {
        return false;
    }

    /** How many entries there are, 0 when lost. */
    long count();

    /** Bytes on the disk, 0 when lost. */
    long size();
}
