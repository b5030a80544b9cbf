package io.postbrake.replay;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;

/** Reads lines whose read time nobody knows: it is taken to be the line's own stamp. */
final class Stamps {
    /** Later than any log: no stamp is ahead of it, and a line that has it as its time had no stamp. */
    private static final Instant UNKNOWN = Instant.parse("9999-12-31T00:00:00Z");

    private final PostfixLogParser parser;

    Stamps(ZoneId zone, Year firstYear) {
        parser = new PostfixLogParser(zone, firstYear);
    }

    /** The event of a line; its times are {@code before} when the line has no stamp, which may be null. */
    MailEvent read(byte[] buf, int off, int len, String host, String source, long position, Instant before) {
        MailEvent e = parser.parse(buf, off, len, new LineOrigin(host, source, 0, position, UNKNOWN));
        if (e.getOccurredAt().equals(UNKNOWN)) {
            e.setOccurredAt(before);
        }
        e.setReadAt(e.getOccurredAt());
        return e;
    }

    /** The time of a line whose stamp may have no year, or null. */
    static Instant guess(byte[] buf, int off, int len, ZoneId zone, Year year, Instant modified) {
        Instant readAt = year == null ? modified : UNKNOWN;
        MailEvent e = new PostfixLogParser(zone, year).parse(buf, off, len, new LineOrigin("", "", 0, 0, readAt));
        return e.getLoggedHost() == null && e.getSyslogName() == null ? null : e.getOccurredAt();
    }
}
