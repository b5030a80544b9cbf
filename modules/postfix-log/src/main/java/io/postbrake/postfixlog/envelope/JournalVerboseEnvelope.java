package io.postbrake.postfixlog.envelope;

import java.nio.charset.StandardCharsets;

/**
 * {@code journalctl -o verbose}: a line with time and cursor, then four spaces and a field a line. A field of several lines goes on
 * with more spaces, so that no text begins a line. Nothing ends a record but the next one; its event comes as soon as it says what
 * syslog says of a line, and at the next record where it does not.
 */
final class JournalVerboseEnvelope implements Envelope {
    private static final int INDENT = 4;
    /** The cursor stands behind day, time and zone. */
    private static final int FARTHEST_CURSOR = 64;

    private static final String TIME = ";t=";

    private final JournalRecord record;
    private boolean begun;
    private boolean told;

    JournalVerboseEnvelope(JournalRule rule) {
        record = new JournalRecord(rule);
    }

    @Override
    public boolean isPending() {
        return begun && !told;
    }

    @Override
    public boolean isWithin() {
        return begun;
    }

    @Override
    public Result open(Wrapped line) {
        int cursor = cursor(line);
        if (cursor >= 0) {
            long millis = millis(line, cursor);
            Result result = isPending() ? record.into(line) : Result.PIECE;
            record.begin(millis);
            begun = true;
            told = false;
            return result;
        }
        if (!begun || !isIndented(line)) {
            begun = false;
            return Result.NOT_MINE;
        }
        int from = line.at + INDENT;
        int equals = from;
        while (equals < line.end && isName(line.b[equals])) {
            equals++;
        }
        if (told || equals == from || line.byteAt(equals) != '=') {
            return Result.PIECE;
        }
        record.field(line, new String(line.b, from, equals - from, StandardCharsets.ISO_8859_1), equals + 1);
        if (!record.isWhole()) {
            return Result.PIECE;
        }
        told = true;
        return record.into(line);
    }

    /** Index of the cursor of a line that begins a record, or -1. */
    private static int cursor(Wrapped line) {
        if (!Character.isUpperCase(line.byteAt(line.at)) || line.byteAt(line.end - 1) != ']') {
            return -1;
        }
        int last = Math.min(line.end, line.at + FARTHEST_CURSOR);
        int open = line.at;
        while (open < last && line.b[open] != '[') {
            open++;
        }
        return open < last && line.starts("[s=", open) && line.b[open - 1] == ' ' ? open : -1;
    }

    /** The cursor tells the time in hexadecimal millionths of a second, whatever the zone that is written before. */
    private static long millis(Wrapped line, int cursor) {
        int at = cursor;
        while (at < line.end && !line.starts(TIME, at)) {
            at++;
        }
        long micros = 0;
        int from = at + TIME.length();
        int to = from;
        for (; to < line.end && Character.digit(line.b[to], 16) >= 0 && to - from < 15; to++) {
            micros = micros << 4 | Character.digit(line.b[to], 16);
        }
        return to > from && line.byteAt(to) == ';' ? micros / 1000 : Wrapped.NO_STAMP;
    }

    private static boolean isIndented(Wrapped line) {
        return line.starts(" ".repeat(INDENT), line.at);
    }

    private static boolean isName(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
}
