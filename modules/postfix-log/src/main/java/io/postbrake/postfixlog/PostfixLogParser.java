package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Turns the bytes of one log line into one typed event and never throws on them. Lines are read from the left; text that a
 * sender or remote server chose cannot become another field. Not safe for use by several threads: it remembers the year.
 */
public final class PostfixLogParser {
    private static final Duration TOLERATED_LEAD = Duration.ofMinutes(5);

    private final ZoneId zone;
    private final YearChoice years;

    /** Stamps without a zone are read in {@code zone}; without a fixed first year the read time decides. */
    public PostfixLogParser(ZoneId zone, Year fixedYearOrNull) {
        this.zone = zone;
        this.years = new YearChoice(fixedYearOrNull);
    }

    /** Reads one line, without or with its line end. */
    public MailEvent parse(byte[] buf, int off, int len, LineOrigin origin) {
        int end = off + len;
        while (end > off && (buf[end - 1] == '\n' || buf[end - 1] == '\r' || buf[end - 1] == ' ')) {
            end--;
        }
        MailEvent event = blank(origin);
        Frame frame = new Frame(buf, off, end, zone, years);
        if (!frame.read(origin.readAt())) {
            return unparsed(event, buf, off, end);
        }
        stamp(event, frame.stamp, origin.readAt());
        event.setLoggedHost(frame.host);
        event.setSyslogName(frame.program);
        event.setPid(frame.pid);
        String service = frame.program.substring(frame.program.lastIndexOf('/') + 1);
        event.setService(service);
        if (!isPostfix(frame.program, service)) {
            event.setKind("not_postfix");
            return event;
        }
        String text = unfold(event, frame.text());
        if (!new Message(event, service, text, end - off).read()) {
            return unparsed(event, buf, off, end);
        }
        return event;
    }

    private static MailEvent blank(LineOrigin origin) {
        MailEvent event = new MailEvent();
        event.setKind("other");
        event.setHostId(origin.hostId());
        event.setSourceId(origin.sourceId());
        event.setGeneration(origin.generation());
        event.setPosition(origin.position());
        Instant readAt = origin.readAt().truncatedTo(ChronoUnit.MILLIS);
        event.setReadAt(readAt);
        event.setOccurredAt(readAt);
        event.setClamped(false);
        event.setRepeats(1);
        return event;
    }

    private static void stamp(MailEvent event, Instant stamp, Instant readAt) {
        boolean ahead = stamp.isAfter(readAt.plus(TOLERATED_LEAD));
        event.setClamped(ahead);
        event.setOccurredAt((ahead ? readAt : stamp).truncatedTo(ChronoUnit.MILLIS));
    }

    private static String unfold(MailEvent event, String text) {
        String start = "message repeated ";
        int times = text.indexOf(" times: [ ");
        if (!text.startsWith(start) || times < start.length() || !text.endsWith("]")) {
            return text;
        }
        Long count = Text.number(text.substring(start.length(), times));
        if (count == null || count < 1) {
            return text;
        }
        event.setRepeats(count);
        return text.substring(Math.min(times + 10, text.length() - 1), text.length() - 1);
    }

    private static boolean isPostfix(String program, String service) {
        if (program.startsWith("postfix") && !program.startsWith("postfix-policyd")) {
            return true;
        }
        return program.indexOf('/') > 0
                && switch (service) {
                    case "smtpd",
                            "smtp",
                            "lmtp",
                            "qmgr",
                            "cleanup",
                            "pickup",
                            "local",
                            "virtual",
                            "pipe",
                            "bounce",
                            "error",
                            "discard",
                            "postscreen",
                            "anvil",
                            "trivial-rewrite",
                            "tlsproxy",
                            "dnsblog",
                            "scache",
                            "verify",
                            "proxymap",
                            "master",
                            "postsuper" -> true;
                    default -> false;
                };
    }

    private static MailEvent unparsed(MailEvent event, byte[] buf, int from, int to) {
        event.setKind("unparsed");
        event.setRawLength((long) (to - from));
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            event.setRawHash(HexFormat.of().formatHex(sha.digest(Arrays.copyOfRange(buf, from, to))));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
        return event;
    }
}
