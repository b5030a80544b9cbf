package io.postbrake.postfixlog.envelope;

/** {@code @} and a TAI64N label of 24 hexadecimal digits: multilog, svlogd {@code -t}, s6-log. */
final class Tai64Envelope implements Envelope {
    /** Second 0 of the label is 1970-01-01 00:00:00 TAI. */
    private static final long EPOCH = 1L << 62;

    private static final int SECONDS = 16;
    private static final int DIGITS = 24;

    private final int ahead;

    /**
     * Reads labels that are so many seconds ahead of UTC: daemontools and runit always add 10, s6-log adds the leap seconds
     * as well, which makes 37 since 2017. A label does not say which it is.
     */
    Tai64Envelope(int ahead) {
        this.ahead = ahead;
    }

    @Override
    public Result open(Wrapped line) {
        int from = line.at + 1;
        if (line.byteAt(line.at) != '@' || line.byteAt(from + DIGITS) != ' ') {
            return Result.NOT_MINE;
        }
        long seconds = hex(line, from, from + SECONDS);
        long nanos = hex(line, from + SECONDS, from + DIGITS);
        if (seconds < EPOCH || nanos < 0 || seconds - EPOCH > 1L << 40) {
            return Result.NOT_MINE;
        }
        line.millis = (seconds - EPOCH - ahead) * 1000 + nanos / 1_000_000;
        line.at = from + DIGITS + 1;
        return Result.OPENED;
    }

    private static long hex(Wrapped line, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(line.byteAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
