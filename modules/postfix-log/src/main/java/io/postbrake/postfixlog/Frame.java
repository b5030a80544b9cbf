package io.postbrake.postfixlog;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The syslog header of one line, read from the left. After a successful {@code read} the text starts at {@code at}. */
final class Frame {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final byte[] b;
    private final int end;
    private final ZoneId zone;
    private final YearChoice years;
    private int at;
    Instant stamp;
    String host;
    String program;
    Long pid;

    Frame(byte[] b, int from, int end, ZoneId zone, YearChoice years) {
        this.b = b;
        this.at = from;
        this.end = end;
        this.zone = zone;
        this.years = years;
    }

    String text() {
        return string(Math.min(at, end), end);
    }

    boolean read(Instant readAt) {
        boolean rfc5424 = priority();
        if (!(isDigit(at) ? isoStamp() : bsdStamp(readAt))) {
            return false;
        }
        spaces();
        return rfc5424 ? structured() : plain();
    }

    private boolean priority() {
        if (peek(at) != '<') {
            return false;
        }
        int i = at + 1;
        while (i < end && i < at + 5 && isDigit(i)) {
            i++;
        }
        if (peek(i) != '>' || i == at + 1) {
            return false;
        }
        at = i + 1;
        if (peek(at) == '1' && peek(at + 1) == ' ') {
            at += 2;
            return true;
        }
        return false;
    }

    private boolean plain() {
        String token = token();
        if (!isProgram(token)) {
            host = isLevel(token) ? null : token;
            spaces();
            token = token();
        }
        return program(token);
    }

    private boolean structured() {
        host = dashIsNull(token());
        spaces();
        program = dashIsNull(token());
        spaces();
        pid = number(token());
        spaces();
        token();
        spaces();
        if (peek(at) == '-') {
            at++;
        } else {
            boolean quoted = false;
            boolean open = false;
            for (; at < end; at++) {
                byte c = b[at];
                if (quoted && c == '\\') {
                    at++;
                } else if (c == '"') {
                    quoted = !quoted;
                } else if (!quoted && c == '[') {
                    open = true;
                } else if (!quoted && c == ']') {
                    open = false;
                } else if (!open && c == ' ') {
                    break;
                }
            }
        }
        spaces();
        if (peek(at) == 0xEF && peek(at + 1) == 0xBB && peek(at + 2) == 0xBF) {
            at += 3;
        }
        return program != null;
    }

    private boolean program(String token) {
        if (!isProgram(token)) {
            return false;
        }
        String name = token.substring(0, token.length() - 1);
        if (name.endsWith("]")) {
            int open = name.lastIndexOf('[');
            if (open < 0) {
                return false;
            }
            pid = number(name.substring(open + 1, name.length() - 1));
            name = name.substring(0, open);
        }
        program = name;
        spaces();
        return !name.isEmpty() && name.indexOf('[') < 0;
    }

    private static boolean isProgram(String token) {
        return token.length() > 1 && token.endsWith(":");
    }

    private static boolean isLevel(String token) {
        return switch (token) {
            case "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "CRIT", "FATAL" -> true;
            default -> false;
        };
    }

    private static String dashIsNull(String s) {
        return s.equals("-") || s.isEmpty() ? null : s;
    }

    private boolean bsdStamp(Instant readAt) {
        if (end - at < 14) {
            return false;
        }
        int month = MONTHS.indexOf(string(at, at + 3));
        if (month < 0 || month % 3 != 0 || peek(at + 3) != ' ') {
            return false;
        }
        at += 3;
        spaces();
        int day = digits(2);
        spaces();
        int[] time = clock();
        if (day < 1 || time == null || peek(at) != ' ') {
            return false;
        }
        stamp = years.resolve(month / 3 + 1, day, time, zone, readAt);
        return stamp != null;
    }

    private boolean isoStamp() {
        int year = digits(4);
        if (year < 0 || peek(at++) != '-') {
            return false;
        }
        int month = digits(2);
        if (peek(at++) != '-') {
            return false;
        }
        int day = digits(2);
        int separator = peek(at++);
        int[] time = separator == 'T' || separator == ' ' ? clock() : null;
        if (time == null) {
            return false;
        }
        try {
            LocalDateTime local = LocalDateTime.of(year, month, day, time[0], time[1], time[2], time[3]);
            int c = peek(at);
            if (c == 'Z') {
                at++;
                stamp = local.toInstant(ZoneOffset.UTC);
            } else if (c == '+' || c == '-') {
                at++;
                int hours = digits(2);
                if (peek(at) == ':') {
                    at++;
                }
                int minutes = digits(2);
                int seconds = hours * 3600 + minutes * 60;
                stamp = local.toInstant(ZoneOffset.ofTotalSeconds(c == '-' ? -seconds : seconds));
            } else {
                stamp = local.atZone(zone).toInstant();
            }
        } catch (DateTimeException e) {
            return false;
        }
        return peek(at) == ' ';
    }

    private int[] clock() {
        int hour = digits(2);
        if (peek(at++) != ':') {
            return null;
        }
        int minute = digits(2);
        if (peek(at++) != ':') {
            return null;
        }
        int second = digits(2);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return null;
        }
        int nanos = 0;
        if ((peek(at) == '.' || peek(at) == ',') && isDigit(at + 1)) {
            at++;
            for (int scale = 100_000_000; isDigit(at); at++, scale /= 10) {
                nanos += (b[at] - '0') * scale;
            }
        }
        return new int[] {hour, minute, Math.min(second, 59), nanos};
    }

    private int digits(int most) {
        int from = at;
        int value = 0;
        while (at < from + most && isDigit(at)) {
            value = value * 10 + b[at++] - '0';
        }
        return at == from ? -1 : value;
    }

    private static Long number(String s) {
        return Text.number(s);
    }

    private String token() {
        int from = at;
        while (at < end && b[at] != ' ') {
            at++;
        }
        return string(from, at);
    }

    private void spaces() {
        while (at < end && b[at] == ' ') {
            at++;
        }
    }

    private boolean isDigit(int i) {
        return i < end && b[i] >= '0' && b[i] <= '9';
    }

    private int peek(int i) {
        return i < end ? b[i] & 0xFF : -1;
    }

    private String string(int from, int to) {
        return new String(b, from, to - from, StandardCharsets.UTF_8);
    }
}
