package io.postbrake.postfixlog;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/**
 * The syslog frame of a line: RFC 3164 as syslogd and postlogd write it, RFC 3339 stamps as rsyslog does, RFC 5424.
 *
 * @param time the stamp
 * @param host host name as logged
 * @param program program name without the pid
 * @param pid process id, or null
 * @param body what follows the program
 * @param repeats how many lines this one stands for
 */
record Frame(Instant time, String host, String program, Long pid, String body, long repeats) {

    private static final List<String> MONTHS =
            Arrays.asList("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private static final String REPEATED = "message repeated ";

    /** The frame of a line, or null when it has none. */
    static Frame of(String line, Instant readAt, ZoneId zone, Year year) {
        var at = new Cursor(line);
        if (at.peek('<')) {
            at.skipPast("> ", ">");
        }
        if (at.rest().startsWith("1 ")
                && at.rest().length() > 6
                && Character.isDigit(at.rest().charAt(2))) {
            return rfc5424(at);
        }
        Instant time = stamp(at, readAt, zone, year);
        if (time == null) {
            return null;
        }
        String host = at.word();
        return host == null ? null : program(at, time, host);
    }

    private static Frame program(Cursor at, Instant time, String host) {
        String rest = at.rest();
        int end = rest.indexOf(' ');
        if (rest.startsWith(REPEATED) || end < 2 || rest.charAt(end - 1) != ':') {
            return null;
        }
        String name = rest.substring(0, end - 1);
        Long pid = null;
        int bracket = name.indexOf('[');
        if (bracket > 0 && name.endsWith("]")) {
            pid = Cursor.number(name.substring(bracket + 1, name.length() - 1));
            name = name.substring(0, bracket);
        }
        return unrepeated(time, host, name, pid, rest.substring(end + 1));
    }

    /** rsyslog folds repeated lines into `message repeated N times: [ MESSAGE]`. */
    private static Frame unrepeated(Instant time, String host, String program, Long pid, String body) {
        if (body.startsWith(REPEATED) && body.endsWith("]")) {
            int times = body.indexOf(" times: [");
            Long count = times < 0 ? null : Cursor.number(body.substring(REPEATED.length(), times));
            if (count != null && count > 0 && count < 1_000_000) {
                String inner = body.substring(times + " times: [".length(), body.length() - 1);
                return new Frame(time, host, program, pid, inner.stripLeading(), count);
            }
        }
        return new Frame(time, host, program, pid, body, 1);
    }

    private static Frame rfc5424(Cursor at) {
        at.word();
        Instant time = rfc3339(at.word());
        String host = at.word();
        String program = at.word();
        String pid = at.word();
        String messageId = at.word();
        if (time == null || messageId == null) {
            return null;
        }
        String rest = at.rest();
        if (rest.startsWith("- ")) {
            rest = rest.substring(2);
        } else if (rest.startsWith("[")) {
            int end = rest.indexOf("] ");
            if (end < 0) {
                return null;
            }
            rest = rest.substring(end + 2);
        } else {
            return null;
        }
        return unrepeated(
                time, host, program, Cursor.number(pid), rest.startsWith("\uFEFF") ? rest.substring(1) : rest);
    }

    private static Instant stamp(Cursor at, Instant readAt, ZoneId zone, Year year) {
        String rest = at.rest();
        if (rest.length() > 15 && MONTHS.contains(rest.substring(0, 3))) {
            return bsd(at, rest, readAt, zone, year);
        }
        if (!rest.isEmpty() && Character.isDigit(rest.charAt(0))) {
            return rfc3339(at.word());
        }
        return null;
    }

    private static Instant rfc3339(String word) {
        if (word == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(word).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** `May  9 22:12:21 `, `May 09 22:12:21 `. */
    private static Instant bsd(Cursor at, String rest, Instant readAt, ZoneId zone, Year year) {
        int month = MONTHS.indexOf(rest.substring(0, 3)) + 1;
        Long day = Cursor.number(rest.substring(4, 6).strip());
        Long hour = Cursor.number(rest.substring(7, 9));
        Long minute = Cursor.number(rest.substring(10, 12));
        Long second = Cursor.number(rest.substring(13, 15));
        if (day == null || hour == null || minute == null || second == null || rest.charAt(15) != ' ') {
            return null;
        }
        at.skip(16);
        int now = readAt.atZone(zone).getYear();
        Instant best = null;
        // The newest year that does not put the line more than a day ahead; a leap day waits for its year.
        for (int y = year == null ? now + 1 : year.getValue(); y >= (year == null ? now - 8 : year.getValue()); y--) {
            try {
                Instant candidate = LocalDateTime.of(y, month, day.intValue(), hour.intValue(), minute.intValue(), (int)
                                Math.min(second, 59))
                        .atZone(zone)
                        .toInstant();
                best = candidate;
                if (!candidate.isAfter(readAt.plusSeconds(86_400))) {
                    return candidate;
                }
            } catch (DateTimeException e) {
                continue; // 29 February of another year
            }
        }
        return year == null ? null : best;
    }
}
