package io.postbrake.postfixlog;

import io.postbrake.logline.Line;
import io.postbrake.postfixlog.envelope.StampText;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Stamps as text: BSD, RFC 3339, year-first and year-after-day ones, with a day of the week or not. */
final class StampReader implements StampText {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final Stamps stamps;
    private final Line other;
    private Line l;
    private long readAt;
    private long stamp;

    private int hour;
    private int minute;
    private int second;
    private int millis;

    private long minuteHead;
    private long minuteTail;
    private int minuteMonth;
    private int minuteDay;
    private int minuteHour;
    private int minuteMinute;

    /** Reads stamps of {@code line}, and of what stands elsewhere. */
    StampReader(Stamps stamps, Line line) {
        this.stamps = stamps;
        other = line.another();
        l = line;
    }

    /** When the lines that follow are read, in milliseconds since the epoch. */
    void readAt(long now) {
        readAt = now;
    }

    @Override
    public long millis() {
        return stamp;
    }

    @Override
    public int read(byte[] bytes, int from, int to) {
        other.set(bytes, from, to);
        return read(other) ? other.at : -1;
    }

    /** Whether a stamp begins where the line stands; then the line is moved behind it. */
    boolean read(Line line) {
        l = line;
        return stamp();
    }

    private boolean stamp() {
        int first = l.byteAt(l.at);
        if (first >= '0' && first <= '9') {
            return numericStamp();
        }
        if (month(l.at) > 0) {
            return bsdStamp();
        }
        // journalctl -o short-full: a day of the week goes before.
        if (l.byteAt(l.at + 3) == ' ' && l.isDigit(l.at + 4) && l.byteAt(l.at + 8) == '-') {
            l.at += 4;
            if (!numericStamp()) {
                return false;
            }
            zoneName();
            return true;
        }
        return false;
    }

    /** An abbreviation such as CEST is not unique: the configured zone stands for it. */
    private void zoneName() {
        int i = l.at + 1;
        while (i < l.end && l.b[i] >= 'A' && l.b[i] <= 'Z') {
            i++;
        }
        if (l.byteAt(l.at) == ' ' && i - l.at > 2 && i - l.at < 7 && l.byteAt(i) == ' ') {
            l.at = i;
        }
    }

    private int month(int i) {
        if (i + 3 >= l.end || l.b[i + 3] != ' ') {
            return -1;
        }
        for (int m = 0; m < 12; m++) {
            if (l.b[i] == MONTHS.charAt(m * 3)
                    && l.b[i + 1] == MONTHS.charAt(m * 3 + 1)
                    && l.b[i + 2] == MONTHS.charAt(m * 3 + 2)) {
                return m + 1;
            }
        }
        return -1;
    }

    /** The month, day, hour and minute are mostly those of the line before: 13 bytes, compared as two numbers that overlap. */
    private boolean bsdStamp() {
        int from = l.at;
        if (l.end - from > 16 && l.b[from + 12] == ':' && l.b[from + 15] == ' ') {
            long head = (long) Line.EIGHT.get(l.b, from);
            long tail = (long) Line.EIGHT.get(l.b, from + 5);
            if (head == minuteHead && tail == minuteTail && l.isDigit(from + 13) && l.isDigit(from + 14)) {
                second = (l.b[from + 13] - '0') * 10 + l.b[from + 14] - '0';
                if (second < 60) {
                    l.at = from + 15;
                    stamp = stamps.yearless(minuteMonth, minuteDay, minuteHour, minuteMinute, second, 0, readAt);
                    return stamp != Stamps.NONE;
                }
            }
        }
        return wholeBsdStamp();
    }

    private boolean wholeBsdStamp() {
        int begin = l.at;
        int month = month(l.at);
        l.at += 3;
        spaces();
        int day = digits(2);
        int after = l.at;
        spaces();
        // Some routers and templates write the year after the day.
        int year = -1;
        if (after < l.at && l.isDigit(l.at + 3) && l.byteAt(l.at + 4) == ' ') {
            year = digits(4);
            spaces();
        }
        if (day < 1 || day > 31 || !clock() || l.byteAt(l.at) != ' ') {
            return false;
        }
        if (year > 0) {
            stamp = stamps.dated(year, month, day, hour, minute, second, millis);
        } else {
            stamp = stamps.yearless(month, day, hour, minute, second, millis, readAt);
            keepMinute(begin, month, day);
        }
        return stamp != Stamps.NONE;
    }

    private void keepMinute(int begin, int month, int day) {
        if (l.at == begin + 15 && l.b[begin + 12] == ':') {
            minuteHead = (long) Line.EIGHT.get(l.b, begin);
            minuteTail = (long) Line.EIGHT.get(l.b, begin + 5);
            minuteMonth = month;
            minuteDay = day;
            minuteHour = hour;
            minuteMinute = minute;
        }
    }

    private boolean numericStamp() {
        int from = l.at;
        int year = digits(4);
        int separator = l.byteAt(l.at);
        int month;
        int day;
        if (separator == ' ' && l.at - from == 4) {
            l.at++;
            month = month(l.at);
            l.at += 3;
            spaces();
            day = digits(2);
        } else if (separator == '-' || separator == '/') {
            l.at++;
            month = digits(2);
            if (l.byteAt(l.at++) != separator) {
                return false;
            }
            day = digits(2);
        } else {
            return false;
        }
        int between = l.byteAt(l.at++);
        if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) {
            return false;
        }
        if ((between != 'T' && between != 't' && between != ' ') || !clock()) {
            return false;
        }
        return zoned(year, month, day);
    }

    private boolean zoned(int year, int month, int day) {
        int c = l.byteAt(l.at);
        if (c == 'Z' || c == 'z') {
            l.at++;
            stamp = offset(year, month, day, 0);
        } else if ((c == '+' || c == '-') && l.isDigit(l.at + 1)) {
            l.at++;
            int hours = digits(2);
            if (l.byteAt(l.at) == ':') {
                l.at++;
            }
            int minutes = l.isDigit(l.at) ? digits(2) : 0;
            stamp = offset(year, month, day, (c == '-' ? -60 : 60) * (hours * 60 + minutes));
        } else if (l.starts(" UTC ")) {
            l.at += 4;
            stamp = offset(year, month, day, 0);
        } else {
            stamp = stamps.dated(year, month, day, hour, minute, second, millis);
        }
        return stamp != Stamps.NONE && l.byteAt(l.at) == ' ';
    }

    private long offset(int year, int month, int day, int seconds) {
        if (Math.abs(seconds) > 18 * 3600) {
            return Stamps.NONE;
        }
        try {
            long local = LocalDateTime.of(year, month, day, hour, minute).toEpochSecond(ZoneOffset.UTC);
            return (local - seconds + second) * 1000 + millis;
        } catch (DateTimeException e) {
            return Stamps.NONE;
        }
    }

    private boolean clock() {
        hour = digits(2);
        if (l.byteAt(l.at++) != ':') {
            return false;
        }
        minute = digits(2);
        if (l.byteAt(l.at++) != ':') {
            return false;
        }
        second = digits(2);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return false;
        }
        millis = 0;
        int c = l.byteAt(l.at);
        if ((c == '.' || c == ',') && l.isDigit(l.at + 1)) {
            l.at++;
            for (int scale = 100; l.isDigit(l.at); l.at++, scale /= 10) {
                millis += (l.b[l.at] - '0') * scale;
            }
        }
        // A leap second is logged within the minute that it ends.
        second = Math.min(second, 59);
        return true;
    }

    private int digits(int most) {
        int from = l.at;
        int value = 0;
        while (l.at < from + most && l.isDigit(l.at)) {
            value = value * 10 + l.b[l.at++] - '0';
        }
        return l.at == from ? -1 : value;
    }

    private void spaces() {
        while (l.at < l.end && l.b[l.at] == ' ') {
            l.at++;
        }
    }
}
