package io.postbrake.postfixlog;

import io.postbrake.dovecotlog.DovecotLines;
import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.Unwrapper;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one log line into one typed event and never throws on them. Lines are read from the left; text that a
 * sender or remote server chose cannot become another field. Not safe for use by several threads, and for one log at a time:
 * it remembers the year, and the line before, for {@code last message repeated N times}.
 */
public final class PostfixLogParser {
    private static final long TOLERATED_LEAD = Duration.ofMinutes(5).toMillis();
    /** Longer lines are not remembered for a repetition. */
    private static final int REMEMBERED = 4096;

    private static final String REPEATED = "message repeated ";
    private static final String TIMES = " times: [ ";

    private final Line line = new Line();
    private final LineHeader header;
    private final Frame frame;
    private final Message message = new Message(line);
    private final DovecotLines dovecot = new DovecotLines(line);
    private final boolean clamp;
    private final byte[] before = new byte[REMEMBERED];
    private int beforeLength;
    private String beforeSource = "";
    private Instant readAt = Instant.MIN;
    private Instant readAtMillis = Instant.EPOCH;
    private boolean framed;
    private long stampMillis = Long.MIN_VALUE;
    private boolean piece;
    private boolean stamped;
    private Shape shape = Shape.READ;

    /**
     * Reads a log as it grows: stamps without a year get the newest one that is not ahead of the read time, and a stamp more
     * than 5 minutes ahead of it is clamped.
     *
     * @param zone of stamps without one
     * @param firstYearOrNull year of the first line; from there on the stamps' own order decides
     */
    public PostfixLogParser(ZoneId zone, @Nullable Year firstYearOrNull) {
        this(zone, firstYearOrNull, Envelopes.auto());
    }

    /**
     * The same, of a log whose lines are wrapped as {@code envelopes} says.
     *
     * @param envelopes settles for the whole log what may stand around its lines
     */
    public PostfixLogParser(ZoneId zone, @Nullable Year firstYearOrNull, Envelopes envelopes) {
        this(zone, firstYearOrNull, envelopes, true);
    }

    private PostfixLogParser(ZoneId zone, @Nullable Year firstYearOrNull, Envelopes envelopes, boolean clamp) {
        this.header = new LineHeader(line, zone, firstYearOrNull, envelopes);
        this.frame = header.frame;
        this.clamp = clamp;
    }

    /** Reads an old log: a stamp stays as it is although it is ahead of the read time. */
    public static PostfixLogParser ofArchive(ZoneId zone, @Nullable Year firstYearOrNull) {
        return ofArchive(zone, firstYearOrNull, Envelopes.auto());
    }

    /** The same, of a log whose lines are wrapped as {@code envelopes} says. */
    public static PostfixLogParser ofArchive(ZoneId zone, @Nullable Year firstYearOrNull, Envelopes envelopes) {
        return new PostfixLogParser(zone, firstYearOrNull, envelopes, false);
    }

    /** Reads one line, without or with its line end. The event's text is copied out of {@code buf}. */
    public MailEvent parse(byte[] buf, int off, int len, LineOrigin origin) {
        MailEvent event = blank(origin);
        int whole = len > 0 && buf[off + len - 1] == '\n' ? off + len - 1 : off + len;
        int end = LineHeader.trimmed(buf, off, whole);
        shape = Shape.READ;
        stampMillis = Stamps.NONE;
        Unwrapper.Result read = header.read(buf, off, whole, readAtMillis.toEpochMilli());
        piece = read == Unwrapper.Result.PIECE;
        framed = read == Unwrapper.Result.HEADER || read == Unwrapper.Result.TEXT;
        stamped = framed && frame.stamp != Stamps.NONE;
        if (read != Unwrapper.Result.HEADER) {
            beforeLength = 0;
            return framed || piece ? foreign(event) : unparsed(event, buf, off, end);
        }
        if (frame.repeats > 0) {
            return repeated(event, origin);
        }
        Program program = frame.program;
        stamp(event);
        event.setLoggedHost(frame.host);
        event.setSyslogName(program.name());
        event.setService(program.service());
        event.setPid(frame.pid < 0 ? null : frame.pid);
        if (!program.postfix()) {
            beforeLength = 0;
            if (program.dovecot() && ofDovecot(event, program)) {
                if (!header.isJoined()) {
                    remember(buf, off, end, origin.sourceId());
                }
                return event;
            }
            event.setKind("not_postfix");
            message.queueId(event);
            return event;
        }
        unfold(event);
        shape = message.read(event, program, header.length());
        if (header.isJoined()) {
            beforeLength = 0;
        } else {
            remember(buf, off, end, origin.sourceId());
        }
        return shape == Shape.BROKEN ? unparsed(event, buf, off, end) : event;
    }

    private boolean ofDovecot(MailEvent event, Program program) {
        unfold(event);
        if (dovecot.read(event, program.name(), frame.programAt, line.at)) {
            return true;
        }
        event.setRepeats(1);
        return false;
    }

    /** Whether the last line had a syslog header, or a wrapping of the log. */
    public boolean framed() {
        return framed;
    }

    /** Whether the last line, or what it was wrapped in, had a stamp: without one the event's time is the read time. */
    public boolean stamped() {
        return stamped;
    }

    /** Whether the last line was a part of one that comes in pieces: its event stands for nothing. */
    public boolean piece() {
        return piece;
    }

    /** Whether a line was begun of which pieces are still to come: who stops now must read from its first piece again. */
    public boolean inPieces() {
        return header.isPending();
    }

    /** Whether the last line was Postfix's and its text has none of the known shapes, or a damaged one. */
    public boolean unknownShape() {
        return shape != Shape.READ;
    }

    /** What the last line's stamp says, in milliseconds of the epoch and not clamped; {@link Long#MIN_VALUE} without one. */
    public long stampMillis() {
        return stampMillis;
    }

    /** The wrapping is whole, and what it holds is none of Postfix's lines. */
    private MailEvent foreign(MailEvent event) {
        if (stamped) {
            stamp(event);
        }
        event.setKind("not_postfix");
        return event;
    }

    private MailEvent blank(LineOrigin origin) {
        if (!origin.readAt().equals(readAt)) {
            readAt = origin.readAt();
            readAtMillis = readAt.truncatedTo(ChronoUnit.MILLIS);
        }
        MailEvent event = new MailEvent();
        event.setKind("other");
        event.setHostId(origin.hostId());
        event.setSourceId(origin.sourceId());
        event.setGeneration(origin.generation());
        event.setPosition(origin.position());
        event.setReadAt(readAtMillis);
        event.setOccurredAt(readAtMillis);
        event.setClamped(false);
        event.setRepeats(1);
        return event;
    }

    private void stamp(MailEvent event) {
        stampMillis = frame.stamp;
        if (frame.stamp == Stamps.NONE) {
            // The read time stands for it.
            return;
        }
        boolean ahead = clamp && frame.stamp > readAtMillis.toEpochMilli() + TOLERATED_LEAD;
        event.setClamped(ahead);
        event.setOccurredAt(ahead ? readAtMillis : Instant.ofEpochMilli(frame.stamp));
    }

    /** rsyslog's {@code message repeated N times: [ TEXT]}: the text once more, N times. */
    private void unfold(MailEvent event) {
        if (!line.starts(REPEATED)) {
            return;
        }
        int from = line.at + REPEATED.length();
        int to = line.token(from, line.end);
        long count = line.number(from, to);
        if (count > 0 && line.starts(TIMES, to) && line.byteAt(line.end - 1) == ']') {
            event.setRepeats(count);
            line.at = Math.min(to + TIMES.length(), line.end - 1);
            line.end--;
        }
    }

    private void remember(byte[] buf, int off, int end, String source) {
        int length = end - off;
        beforeLength = length <= REMEMBERED ? length : 0;
        System.arraycopy(buf, off, before, 0, beforeLength);
        beforeSource = source;
    }

    /** syslogd's {@code last message repeated N times} names no program: it is the line before of the same log and host. */
    private MailEvent repeated(MailEvent event, LineOrigin origin) {
        long repeats = frame.repeats;
        String host = frame.host;
        stamp(event);
        int length = beforeLength;
        if (length > 0 && origin.sourceId().equals(beforeSource)) {
            Instant at = event.getOccurredAt();
            boolean clamped = event.getClamped();
            MailEvent again = parse(before.clone(), 0, length, origin);
            if (host == null || host.equals(again.getLoggedHost())) {
                again.setOccurredAt(at);
                again.setClamped(clamped);
                again.setRepeats(repeats);
                return again;
            }
            shape = Shape.READ;
        }
        event.setLoggedHost(host);
        event.setKind("not_postfix");
        event.setRepeats(repeats);
        return event;
    }

    private static MailEvent unparsed(MailEvent event, byte[] buf, int from, int to) {
        event.setKind("unparsed");
        event.setRawLength((long) (to - from));
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(buf, from, to - from);
            event.setRawHash(HexFormat.of().formatHex(sha.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
        return event;
    }
}
