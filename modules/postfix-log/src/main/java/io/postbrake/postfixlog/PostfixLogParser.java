package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

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
    private final Frame frame;
    private final Nested nested;
    private final JournalRecord journal = new JournalRecord(line);
    private final Message message = new Message(line);
    private final boolean clamp;
    private final byte[] before = new byte[REMEMBERED];
    private int beforeLength;
    private String beforeSource;
    private Instant readAt = Instant.MIN;
    private Instant readAtMillis;
    private boolean framed;
    private long stampMillis = Long.MIN_VALUE;
    private Shape shape = Shape.READ;

    /**
     * Reads a log as it grows: stamps without a year get the newest one that is not ahead of the read time, and a stamp more
     * than 5 minutes ahead of it is clamped.
     *
     * @param zone of stamps without one
     * @param firstYearOrNull year of the first line; from there on the stamps' own order decides
     */
    public PostfixLogParser(ZoneId zone, Year firstYearOrNull) {
        this(zone, firstYearOrNull, true);
    }

    private PostfixLogParser(ZoneId zone, Year firstYearOrNull, boolean clamp) {
        var stamps = new Stamps(zone, firstYearOrNull);
        var programs = new Program.Known();
        this.frame = new Frame(stamps, programs);
        this.nested = new Nested(new Frame(stamps, programs));
        this.clamp = clamp;
    }

    /** Reads an old log: a stamp stays as it is although it is ahead of the read time. */
    public static PostfixLogParser ofArchive(ZoneId zone, Year firstYearOrNull) {
        return new PostfixLogParser(zone, firstYearOrNull, false);
    }

    /** Reads one line, without or with its line end. The event's text is copied out of {@code buf}. */
    public MailEvent parse(byte[] buf, int off, int len, LineOrigin origin) {
        MailEvent event = blank(origin);
        int end = trimmed(buf, off, off + len);
        line.set(buf, off, end);
        shape = Shape.READ;
        stampMillis = Long.MIN_VALUE;
        framed = header(off);
        if (!framed) {
            beforeLength = 0;
            return unparsed(event, buf, off, end);
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
            event.setKind("not_postfix");
            message.queueId(event);
            return event;
        }
        unfold(event);
        shape = message.read(event, program, line.b == buf ? end - off : line.end);
        remember(buf, off, end, origin.sourceId());
        return shape == Shape.BROKEN ? unparsed(event, buf, off, end) : event;
    }

    /** Whether the last line had a syslog header: without one its time is the read time. */
    public boolean framed() {
        return framed;
    }

    /** Whether the last line was Postfix's and its text has none of the known shapes, or a damaged one. */
    public boolean unknownShape() {
        return shape != Shape.READ;
    }

    /** What the last line's stamp says, in milliseconds of the epoch and not clamped; {@link Long#MIN_VALUE} without one. */
    public long stampMillis() {
        return stampMillis;
    }

    private static int trimmed(byte[] b, int from, int to) {
        int end = to;
        while (end > from && (b[end - 1] == '\n' || b[end - 1] == '\r' || b[end - 1] == ' ')) {
            end--;
        }
        return end;
    }

    private boolean header(int begin) {
        if (line.byteAt(begin) == '{') {
            return journal.read(frame);
        }
        long now = readAtMillis.toEpochMilli();
        if (!frame.read(line, now)) {
            return nested.rescue(line, frame, begin, now);
        }
        if (frame.program != null) {
            nested.read(line, frame, now);
        }
        return true;
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
