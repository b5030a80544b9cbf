package io.postbrake.replay;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;

/** Reads lines whose read time nobody knows: it is taken to be the line's own stamp. */
final class Stamps {
    /** Later than any log: no stamp is ahead of it, and a line that has it as its time had no stamp. */
    private static final Instant UNKNOWN = Instant.parse("9999-12-31T00:00:00Z");

    private final PostfixLogParser parser;

    Stamps(ZoneId zone, Year firstYear, Envelopes envelopes) {
        parser = new PostfixLogParser(zone, firstYear, envelopes);
    }

    /** The event of a line; its times are {@code before} when the line has no stamp, which may be null. */
    MailEvent read(byte[] buf, int off, int len, String host, String source, long position, Instant before) {
        MailEvent e = parser.parse(buf, off, len, new LineOrigin(host, source, 0, position, UNKNOWN));
        if (!parser.stamped()) {
            e.setOccurredAt(before);
        }
        e.setReadAt(e.getOccurredAt());
        return e;
    }

    /** Finds the first time in a log whose stamps may have no year. */
    static final class Guess {
        private final PostfixLogParser parser;
        private final Instant readAt;

        Guess(LogSource log) {
            parser = new PostfixLogParser(log.zone(), log.year(), log.envelopes());
            readAt = log.year() == null ? log.modified() : UNKNOWN;
        }

        /** The time of a line, or null when it has none. */
        Instant of(byte[] buf, int off, int len) {
            MailEvent e = parser.parse(buf, off, len, new LineOrigin("", "", 0, 0, readAt));
            return parser.stamped() && (e.getLoggedHost() != null || e.getSyslogName() != null)
                    ? e.getOccurredAt()
                    : null;
        }
    }
}
