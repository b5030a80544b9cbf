package io.postbrake.postfixlog.envelope;

/** {@code 1795857162.104512 HOST PROGRAM: ...}: {@code journalctl -o short-unix}, and others that count seconds. */
final class EpochEnvelope implements Envelope {

    @Override
    public Result open(Wrapped line) {
        int dot = line.at;
        while (line.isDigit(dot)) {
            dot++;
        }
        int stop = dot;
        if (line.byteAt(dot) == '.') {
            stop++;
            while (line.isDigit(stop)) {
                stop++;
            }
        }
        // Ten digits are the years 2001 to 2286.
        if (dot - line.at != 10 || line.byteAt(stop) != ' ') {
            return Result.NOT_MINE;
        }
        line.millis = Epoch.millis(line.b, line.at, stop);
        line.at = stop + 1;
        return Result.OPENED;
    }
}
