package io.postbrake.postfixlog.envelope;

/** Times that are numbers since 1970: in seconds with a fraction, or whole in thousandths, millionths or billionths of them. */
final class Epoch {
    private static final int MOST_DIGITS = 19;

    private Epoch() {}

    /** Milliseconds, or {@link Wrapped#NO_STAMP}; how large a number is says what it counts. */
    static long millis(byte[] b, int from, int to) {
        int dot = from;
        while (dot < to && b[dot] != '.') {
            dot++;
        }
        long whole = number(b, from, dot);
        if (whole < 0) {
            return Wrapped.NO_STAMP;
        }
        int digits = dot - from;
        if (digits > 17) {
            return whole / 1_000_000;
        }
        if (digits > 14) {
            return whole / 1000;
        }
        if (digits > 11) {
            return whole;
        }
        return whole * 1000 + fraction(b, dot + 1, to);
    }

    private static long fraction(byte[] b, int from, int to) {
        long millis = 0;
        int scale = 100;
        for (int i = from; i < to && scale > 0 && b[i] >= '0' && b[i] <= '9'; i++) {
            millis += (b[i] - '0') * (long) scale;
            scale /= 10;
        }
        return millis;
    }

    /** A non-negative whole number, else -1. */
    static long number(byte[] b, int from, int to) {
        if (from >= to || to - from > MOST_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
