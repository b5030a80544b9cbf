package io.postbrake.postfixlog;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Turns local stamps into instants, in milliseconds since the epoch. A stamp without a year gets the newest year that is not
 * ahead of the read time; or, when the log's first year is given, the year goes on with the stamps: a great step back is a
 * New Year, a step of nearly a year ahead is a clock that was set back over one.
 */
final class Stamps {
    static final long NONE = Long.MIN_VALUE;

    private static final long DAY = Duration.ofDays(1).toMillis();
    /** Half a year: a smaller step back is a clock or one broken stamp, a greater one is the next year. */
    private static final long STEP_BACK = 183 * DAY;

    private static final long STEP_OVER_NEW_YEAR = 335 * DAY;
    private static final long SAME_READING = Duration.ofMinutes(1).toMillis();
    /** A clock that is set back over less than this stays in the same one of two hours of the same name. */
    private static final long SAME_HOUR = Duration.ofMinutes(10).toMillis();

    private final ZoneId zone;
    private final boolean fixed;
    private int year;
    private long previous = NONE;
    /** Minute of the line before, whatever its form. */
    private long before = NONE;

    private int cachedMinute = -1;
    private long cachedBase;
    private long cachedReadAt;
    private long cachedDate = -1;
    private long cachedDateBase;

    Stamps(ZoneId zone, @Nullable Year firstYearOrNull) {
        this.zone = zone;
        this.fixed = firstYearOrNull != null;
        this.year = firstYearOrNull == null ? 0 : firstYearOrNull.getValue();
    }

    /** {@link #NONE} when there is no such day. */
    long yearless(int month, int day, int hour, int minute, int second, int millis, long readAt) {
        int key = ((month * 32 + day) * 24 + hour) * 60 + minute;
        if (key != cachedMinute || (!fixed && Math.abs(readAt - cachedReadAt) > SAME_READING)) {
            long base = fixed ? following(month, day, hour, minute) : newest(month, day, hour, minute, readAt);
            if (base == NONE) {
                return NONE;
            }
            cachedMinute = key;
            cachedBase = base;
            cachedReadAt = readAt;
            before = base;
        }
        return cachedBase + second * 1000L + millis;
    }

    /** {@link #NONE} when there is no such day. */
    long dated(int y, int month, int day, int hour, int minute, int second, int millis) {
        long key = (((y * 16L + month) * 32 + day) * 24 + hour) * 60 + minute;
        if (key != cachedDate) {
            long base = at(y, month, day, hour, minute);
            if (base == NONE) {
                return NONE;
            }
            cachedDate = key;
            cachedDateBase = base;
            before = base;
        }
        return cachedDateBase + second * 1000L + millis;
    }

    private long following(int month, int day, int hour, int minute) {
        long base = nearestValid(month, day, hour, minute);
        if (base == NONE) {
            return NONE;
        }
        if (previous != NONE) {
            long step = base - previous;
            int other = step < -STEP_BACK ? year + 1 : step > STEP_OVER_NEW_YEAR ? year - 1 : year;
            if (other != year) {
                long moved = at(other, month, day, hour, minute);
                if (moved != NONE) {
                    year = other;
                    base = moved;
                }
            }
        }
        previous = base;
        return base;
    }

    /** February 29 names a leap year by itself. */
    private long nearestValid(int month, int day, int hour, int minute) {
        long base = at(year, month, day, hour, minute);
        for (int i = 1; base == NONE && month == 2 && day == 29 && i <= 8; i++) {
            base = at(year + i, month, day, hour, minute);
            if (base != NONE) {
                year += i;
            }
        }
        return base;
    }

    private long newest(int month, int day, int hour, int minute, long readAt) {
        int readYear = java.time.Instant.ofEpochMilli(readAt).atZone(zone).getYear();
        for (int y = readYear + 1; y > readYear - 9; y--) {
            long base = at(y, month, day, hour, minute);
            if (base != NONE && base <= readAt + DAY) {
                return base;
            }
            if (base == NONE && !(month == 2 && day == 29)) {
                return NONE;
            }
        }
        return NONE;
    }

    /** When summer time ends an hour comes twice: it is the second one when the log had been further already. */
    private long at(int y, int month, int day, int hour, int minute) {
        try {
            var first = LocalDateTime.of(y, month, day, hour, minute).atZone(zone);
            long base = first.toInstant().toEpochMilli();
            long later = first.withLaterOffsetAtOverlap().toInstant().toEpochMilli();
            boolean passed = before != NONE && before > base + SAME_HOUR && before < later + SAME_HOUR;
            return passed ? later : base;
        } catch (DateTimeException e) {
            return NONE;
        }
    }
}
