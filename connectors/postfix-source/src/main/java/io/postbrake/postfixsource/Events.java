package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.Fingerprint;
import io.postbrake.logtail.Position;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.RecipientPolicy;
import java.io.IOException;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes events of one log's lines; keeps the text of those that cannot be understood on the host. */
final class Events {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final String hostId;
    private final PostfixLogParser parser;
    private final RecipientPolicy recipients;
    private final Quarantine quarantine;
    private final LineCounters counters;
    private final LogHealth health;
    private final SampleFile sample;
    private final InstantSource clock;
    private boolean anyAge;

    Events(
            String hostId,
            PostfixLogParser parser,
            RecipientPolicy recipients,
            Quarantine quarantine,
            LineCounters counters,
            LogHealth health,
            SampleFile sample,
            InstantSource clock) {
        this.hostId = hostId;
        this.parser = parser;
        this.recipients = recipients;
        this.quarantine = quarantine;
        this.counters = counters;
        this.health = health;
        this.sample = sample;
        this.clock = clock;
    }

    /**
     * Says whether lines may be of any age, as those are that were in a log before it was ever read. Of lines without a stamp the
     * time of reading would be all that is known then, and weeks of mail that of one moment: they make no events.
     */
    void mayBeOfAnyAge(boolean may) {
        anyAge = may;
    }

    /**
     * The event of a line; null when another program wrote it, when it is empty, or when nobody can tell of when it is.
     *
     * @param text the line, cut when it was over-long
     * @param at where it stands
     * @param length its whole length in bytes
     */
    MailEvent of(byte[] text, Position at, long length) {
        var origin = new LineOrigin(hostId, at.sourceId(), at.generation(), at.offset(), clock.instant());
        MailEvent event = parser.parse(text, 0, text.length, origin);
        boolean whole = length == text.length;
        if (!whole) {
            counters.cut.incrementAndGet();
        }
        boolean foreign = event.getKind().equals("not_postfix");
        if (parser.piece()) {
            return null;
        }
        judge(event, text);
        boolean empty = text.length == 0 && !parser.framed();
        if (empty || (foreign && whole)) {
            counters.foreign.incrementAndGet();
            return null;
        }
        boolean unparsed = event.getKind().equals("unparsed");
        if (anyAge && whole && !unparsed && !parser.stamped()) {
            if (counters.undated.getAndIncrement() == 0) {
                LOG.warn(
                        "lines without a stamp were there before this log was first read: nobody knows of when they are,"
                                + " they are left out");
            }
            return null;
        }
        if (unparsed || !whole) {
            withheld(event, text, at, length, unparsed || foreign);
        }
        recipients.apply(event);
        return event;
    }

    private void judge(MailEvent event, byte[] text) {
        if (text.length == 0) {
            return;
        }
        boolean lost = event.getKind().equals("unparsed") || event.getKind().equals("not_postfix");
        boolean postfix = !lost || PostfixName.isIn(text);
        // One mistake in a configuration warns with each message; that says nothing of what is read.
        boolean understood = !lost && (!parser.unknownShape() || PostfixName.isWarning(text));
        boolean worthKeeping = health.line(postfix, understood, parser.stampMillis(), event.getReadAt());
        if (worthKeeping) {
            sample.keep(text);
        }
    }

    /** Whether a line was begun of which pieces are still to come. */
    boolean inPieces() {
        return parser.inPieces();
    }

    private void withheld(MailEvent event, byte[] text, Position at, long length, boolean nothingKnown) {
        keep(text, at, length);
        event.setRawLength(length);
        event.setRawHash(Fingerprint.hash(text));
        if (nothingKnown) {
            counters.unparsed.incrementAndGet();
            event.setKind("unparsed");
            event.setReason(length > text.length ? "line too long" : parser.framed() ? "damaged" : "no syslog frame");
        }
    }

    private void keep(byte[] text, Position at, long length) {
        try {
            if (quarantine.keep(text, at, length)) {
                return;
            }
        } catch (IOException e) {
            // Only the text is lost. Failing here would lose every event that was read with it.
            LOG.warn("cannot keep the text of a line that was not understood: {}", e.getMessage());
        }
        counters.unkept.incrementAndGet();
    }
}
