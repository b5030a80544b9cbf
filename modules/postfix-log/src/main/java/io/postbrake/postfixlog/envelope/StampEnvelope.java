package io.postbrake.postfixlog.envelope;

/**
 * A stamp before the line: {@code docker logs -t}, {@code kubectl logs --timestamps}, s6-log, svlogd ({@code -tt}, {@code -ttt}).
 * Stamps without a date or year are no such stamp: those are headers of syslog.
 */
final class StampEnvelope implements Envelope {
    /** A date and a time with five digits of a second, no zone: only svlogd writes such. */
    private static final int SVLOGD = 25;

    private final byte[] utc = new byte[SVLOGD + 2];

    @Override
    public Result open(Wrapped line) {
        int begin = line.at;
        if (!line.isDigit(begin) || line.byteAt(begin + 4) != '-' || line.byteAt(begin + 7) != '-') {
            return Result.NOT_MINE;
        }
        int between = line.byteAt(begin + 10);
        boolean svlogd = (between == '_' || between == 'T')
                && line.byteAt(begin + SVLOGD) == ' '
                && line.isDigit(begin + SVLOGD - 1);
        if (!(svlogd ? svlogd(line) : line.takeStamp())) {
            return Result.NOT_MINE;
        }
        // s6-log writes two.
        if (line.byteAt(line.at) == ' ') {
            line.at++;
        }
        return Result.OPENED;
    }

    /** {@code 2026-11-28_09:12:41.12345} is UTC. */
    private boolean svlogd(Wrapped line) {
        System.arraycopy(line.b, line.at, utc, 0, SVLOGD);
        utc[10] = 'T';
        utc[SVLOGD] = 'Z';
        utc[SVLOGD + 1] = ' ';
        if (line.stamps.read(utc, 0, utc.length) != SVLOGD + 1) {
            return false;
        }
        line.millis = line.stamps.millis();
        line.at += SVLOGD + 1;
        return true;
    }
}
