package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * Bytes of a Postfix log line to a typed event. Never throws. Anchored from the left: the last field of a line is the
 * attacker's and runs to the line's end, so that no text of theirs becomes another field.
 */
public final class PostfixLogParser {

    private static final Duration AHEAD = Duration.ofMinutes(5);

    private final ZoneId zone;
    private final Year year;

    /**
     * @param zone zone of stamps that have none
     * @param fixedYearOrNull year of stamps that have none; null: the one that puts the stamp nearest before its reading
     */
    public PostfixLogParser(ZoneId zone, Year fixedYearOrNull) {
        this.zone = zone;
        this.year = fixedYearOrNull;
    }

    /** The event of one line, without its line end. */
    public MailEvent parse(byte[] buf, int off, int len, LineOrigin origin) {
        int end = len;
        while (end > 0 && (buf[off + end - 1] == '\r' || buf[off + end - 1] == '\n')) {
            end--;
        }
        String line = new String(buf, off, end, StandardCharsets.UTF_8);
        Frame frame = Frame.of(line, origin.readAt(), zone, year);
        Instant read = origin.readAt().truncatedTo(ChronoUnit.MILLIS);
        Instant time = frame == null ? read : frame.time().truncatedTo(ChronoUnit.MILLIS);
        boolean clamped = time.isAfter(read.plus(AHEAD));
        MailEvent event = MailEvent.newBuilder()
                .setKind("not_postfix")
                .setHostId(origin.hostId())
                .setSourceId(origin.sourceId())
                .setGeneration(origin.generation())
                .setPosition(origin.position())
                .setOccurredAt(clamped ? read : time)
                .setReadAt(read)
                .setClamped(clamped)
                .build();
        if (frame == null) {
            return event;
        }
        event.setLoggedHost(frame.host());
        event.setRepeats(frame.repeats());
        event.setPid(frame.pid());
        int slash = frame.program().lastIndexOf('/');
        if (!frame.program().startsWith("postfix") || slash < 0) {
            return event;
        }
        event.setSyslogName(frame.program());
        event.setService(frame.program().substring(slash + 1));
        event.setKind("other");
        body(event, frame.body());
        return event;
    }

    private static void body(MailEvent event, String body) {
        var at = new Cursor(body);
        boolean queued = queueId(event, at);
        switch (event.getService()) {
            case "postscreen", "dnsblog" -> Smtpd.postscreen(event, at);
            case "pickup" -> pickup(event, at);
            case "bounce" -> bounce(event, at);
            case "cleanup" -> Cleanup.read(event, at);
            case "qmgr", "nqmgr" -> {
                if (queued) {
                    Delivery.queue(event, at);
                }
            }
            default -> {
                if (queued && at.rest().startsWith("to=<")) {
                    Delivery.delivery(event, at);
                } else {
                    Smtpd.read(event, at, queued);
                }
            }
        }
    }

    /** A queue id or NOQUEUE at the start; whether there was a queue id. */
    private static boolean queueId(MailEvent event, Cursor at) {
        if (at.take("NOQUEUE: ")) {
            return false;
        }
        String rest = at.rest();
        int colon = rest.indexOf(": ");
        if (colon < 5 || colon > 32 || !isQueueId(rest.substring(0, colon))) {
            return false;
        }
        event.setQueueId(rest.substring(0, colon));
        at.skip(colon + 2);
        return true;
    }

    /** Short ids are upper-case hexadecimal; long ones (10 and more) use digits and consonants only, and have a digit. */
    static boolean isQueueId(String s) {
        boolean hex = true;
        boolean digit = false;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            digit |= c >= '0' && c <= '9';
            hex &= (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
            boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (!alphanumeric) {
                return false;
            }
        }
        if (hex) {
            return s.length() >= 5;
        }
        return digit && s.length() >= 10 && s.chars().noneMatch(c -> "aeiouAEIOU".indexOf(c) >= 0);
    }

    private static void pickup(MailEvent event, Cursor at) {
        if (at.take("uid=")) {
            event.setUid(Cursor.number(at.word()));
            if (at.take("from=<")) {
                event.setFrom(at.until(">", true));
            }
            event.setKind("pickup");
        }
    }

    private static void bounce(MailEvent event, Cursor at) {
        String what = at.until(" notification: ", false);
        if (what != null && isQueueId(at.rest())) {
            event.setReason(what);
            event.setNextQueueId(at.rest());
            event.setKind("bounce");
        }
    }
}
