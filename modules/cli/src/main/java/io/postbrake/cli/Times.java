package io.postbrake.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as a person reads them, in one zone and seen from one moment. */
record Times(Instant now, ZoneId zone) {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMM dd HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("MMM dd", Locale.ENGLISH);
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH);

    String day(Instant at) {
        return at == null ? "" : DAY.withZone(zone).format(at);
    }

    String date(Instant at) {
        return DATE.withZone(zone).format(at);
    }

    String clock(Instant at) {
        return at == null ? "" : SECONDS.withZone(zone).format(at);
    }

    String minute(Instant at) {
        return MINUTES.withZone(zone).format(at);
    }

    boolean sameDay(Instant a, Instant b) {
        return a.atZone(zone).toLocalDate().equals(b.atZone(zone).toLocalDate());
    }

    /** " until ... (in 3 h 5 min)", " ended ..." or nothing. */
    String until(Instant end) {
        if (end == null) {
            return "";
        }
        return end.isAfter(now)
                ? " until " + day(end) + " (in " + length(Duration.between(now, end)) + ")"
                : " ended " + day(end);
    }

    static String length(Duration d) {
        if (d.toDays() > 0) {
            return d.toDays() + " d " + d.toHoursPart() + " h";
        }
        return d.toHours() > 0 ? d.toHours() + " h " + d.toMinutesPart() + " min" : Math.max(1, d.toMinutes()) + " min";
    }
}
