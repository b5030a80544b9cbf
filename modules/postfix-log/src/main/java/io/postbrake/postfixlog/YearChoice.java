package io.postbrake.postfixlog;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneId;

/** Gives a year to stamps that have none: nearest to the read time, or a fixed first year that counts New Years. */
final class YearChoice {
    private final Year fixed;
    private int year;
    private int lastMonth;

    YearChoice(Year fixed) {
        this.fixed = fixed;
        this.year = fixed == null ? 0 : fixed.getValue();
    }

    Instant resolve(int month, int day, int[] time, ZoneId zone, Instant readAt) {
        if (fixed != null) {
            if (lastMonth >= 11 && month <= 2) {
                year++;
            } else if (lastMonth > 0 && lastMonth <= 2 && month >= 11) {
                year--;
            }
            lastMonth = month;
            return at(year, month, day, time, zone);
        }
        int readYear = readAt.atZone(zone).getYear();
        Instant best = null;
        for (int y = readYear - 1; y <= readYear + 1; y++) {
            Instant candidate = at(y, month, day, time, zone);
            if (candidate == null || candidate.isAfter(readAt.plus(Duration.ofDays(1)))) {
                continue;
            }
            best = candidate;
        }
        return best == null ? leapDay(readYear, month, day, time, zone) : best;
    }

    private static Instant leapDay(int readYear, int month, int day, int[] time, ZoneId zone) {
        for (int y = readYear; month == 2 && day == 29 && y > readYear - 9; y--) {
            Instant candidate = at(y, month, day, time, zone);
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }

    private static Instant at(int year, int month, int day, int[] time, ZoneId zone) {
        try {
            return LocalDateTime.of(year, month, day, time[0], time[1], time[2], time[3])
                    .atZone(zone)
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
