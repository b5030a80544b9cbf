package io.postbrake.logtail;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of systemd's journal, as a line that syslog would have written of it.
 *
 * @param at sequence of numbers it has its number from, and that number: both stay the same over rotations of the journal
 * @param cursor journald's own name of it, to go on after it
 * @param line stamp with zone, host, program and text, cut when it was over-long; empty when no program of the system wrote it
 * @param length whole length of the line in bytes
 */
public record JournalEntry(Position at, String cursor, byte[] line, long length) {

    /** Only so is a cursor's beginning laid out that it can be compared with another's. */
    private static final Pattern CURSOR =
            Pattern.compile("s=([0-9a-f]{32});i=([0-9a-f]{1,16})(;[a-z]=[0-9a-f]{1,32})*");

    /**
     * Where an entry stands.
     *
     * @throws IllegalArgumentException when it is no cursor
     */
    public static Position position(String cursor) {
        Matcher m = CURSOR.matcher(cursor);
        if (!m.matches()) {
            throw new IllegalArgumentException("'" + cursor + "' is no cursor of a journal");
        }
        return new Position("journal-" + m.group(1), 0, Long.parseUnsignedLong(m.group(2), 16));
    }
}
