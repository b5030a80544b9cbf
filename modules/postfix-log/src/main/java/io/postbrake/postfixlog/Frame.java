package io.postbrake.postfixlog;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The header of one line, read from the left: BSD, RFC 3339, RFC 5424, year-first and year-after-day stamps, with or without
 * priority and host. After it was read, the line stands at the first byte of the text.
 */
final class Frame {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private static final String REPEATED = "last message repeated ";

    private final Stamps stamps;
    private final Program.Known programs;
    private Line l;
    long stamp;
    String host;
    Program program;
    long pid;
    /** How often the line before came again; 0 when this line is one of its own. */
    long repeats;

    /** Where the text after the stamp begins. */
    int afterStamp;

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

    Frame(Stamps stamps, Program.Known programs) {
        this.stamps = stamps;
        this.programs = programs;
    }

    private void clear(Line line) {
        l = line;
        stamp = Stamps.NONE;
        host = null;
        program = null;
        pid = -1;
        repeats = 0;
    }

    /** False when there is no such header; then nothing but the stamp may be set. */
    boolean read(Line line, long readAt) {
        clear(line);
        if (isBom(l.at)) {
            l.at += 3;
        }
        boolean structured = priority();
        if (!stamp(readAt)) {
            stamp = Stamps.NONE;
            return false;
        }
        spaces();
        afterStamp = l.at;
        return structured ? structured() : plain();
    }

    /** Takes a header that stood elsewhere, in a journal's record. */
    void take(Line line, long time, String hostOrNull, String name, long processId) {
        clear(line);
        stamp = time;
        host = hostOrNull;
        program = name == null ? null : programs.of(name);
        pid = processId;
    }

    private boolean isBom(int i) {
        return l.byteAt(i) == 0xEF && l.byteAt(i + 1) == 0xBB && l.byteAt(i + 2) == 0xBF;
    }

    private boolean priority() {
        int i = l.at;
        if (l.byteAt(i) == '<') {
            i++;
            int from = i;
            while (i < from + 3 && l.isDigit(i)) {
                i++;
            }
            if (i == from || l.byteAt(i) != '>') {
                return false;
            }
            l.at = ++i;
        }
        if (l.byteAt(i) == '1' && l.byteAt(i + 1) == ' ' && l.isDigit(i + 2)) {
            l.at = i + 2;
            return true;
        }
        return false;
    }

    private boolean stamp(long readAt) {
        int first = l.byteAt(l.at);
        if (first >= '0' && first <= '9') {
            return numericStamp();
        }
        if (month(l.at) > 0) {
            return bsdStamp(readAt);
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
    private boolean bsdStamp(long readAt) {
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
        return wholeBsdStamp(readAt);
    }

    private boolean wholeBsdStamp(long readAt) {
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

    private boolean plain() {
        int from = l.at;
        int to = l.token(from, l.end);
        if (isProgram(from, to)) {
            return program(from, to);
        }
        if (repeated(from)) {
            return true;
        }
        host = isLevel(from, to) ? null : l.word(from, to);
        l.at = to;
        spaces();
        from = l.at;
        if (repeated(from)) {
            return true;
        }
        to = l.token(from, l.end);
        return program(from, to);
    }

    private boolean structured() {
        host = field();
        String name = field();
        int from = l.at;
        int to = l.token(from, l.end);
        pid = l.number(from, to);
        l.at = to;
        spaces();
        l.at = l.token(l.at, l.end);
        spaces();
        if (l.byteAt(l.at) == '-') {
            l.at++;
        } else {
            elements();
        }
        spaces();
        if (isBom(l.at)) {
            l.at += 3;
        }
        if (name == null) {
            return false;
        }
        program = programs.of(name);
        return true;
    }

    private String field() {
        int from = l.at;
        int to = l.token(from, l.end);
        l.at = to;
        spaces();
        return to == from || l.is("-", from, to) ? null : l.word(from, to);
    }

    private void elements() {
        boolean quoted = false;
        boolean open = false;
        for (; l.at < l.end; l.at++) {
            byte c = l.b[l.at];
            if (quoted && c == '\\') {
                l.at++;
            } else if (c == '"') {
                quoted = open && !quoted;
            } else if (!quoted && c == '[') {
                open = true;
            } else if (!quoted && c == ']') {
                open = false;
            } else if (!open && c == ' ') {
                return;
            }
        }
        l.at = Math.min(l.at, l.end);
    }

    private boolean isProgram(int from, int to) {
        return to - from > 1 && l.b[to - 1] == ':';
    }

    private boolean program(int from, int to) {
        if (!isProgram(from, to)) {
            return false;
        }
        int stop = to - 1;
        int open = l.find('[', from, stop);
        int textAt = to;
        if (open >= 0) {
            int close = l.find(']', open, stop + 1);
            if (close < 0) {
                return false;
            }
            pid = l.number(open + 1, close);
            // Text that follows the bracket at once belongs to the message.
            textAt = close + 1 == stop ? to : close + 1;
            stop = open;
        }
        if (stop == from) {
            return false;
        }
        program = programs.of(l.word(from, stop));
        l.at = textAt;
        spaces();
        return true;
    }

    private boolean repeated(int from) {
        int i = l.starts("--- ", from) ? from + 4 : from;
        if (!l.starts(REPEATED, i)) {
            return false;
        }
        i += REPEATED.length();
        int to = l.token(i, l.end);
        long count = l.number(i, to);
        int rest = to + (count == 1 && !l.starts(" times", to) ? 5 : 6);
        if (count < 1 || !l.starts(" time", to) || !(l.end == rest || l.is(" ---", rest, l.end))) {
            return false;
        }
        repeats = count;
        return true;
    }

    private boolean isLevel(int from, int to) {
        if (to - from < 3
                || to - from > 7
                || l.b[from] < 'A'
                || l.b[from] > 'Z'
                || l.b[to - 1] < 'A'
                || l.b[to - 1] > 'Z') {
            return false;
        }
        return switch (l.word(from, to)) {
            case "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "CRIT", "FATAL" -> true;
            default -> false;
        };
    }

    private void spaces() {
        while (l.at < l.end && l.b[l.at] == ' ') {
            l.at++;
        }
    }
}
