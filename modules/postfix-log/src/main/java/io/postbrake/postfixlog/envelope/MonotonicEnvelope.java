package io.postbrake.postfixlog.envelope;

/** {@code [    6.000000] HOST PROGRAM: ...} of {@code journalctl -o short-monotonic} and {@code short-delta}: seconds since a start that nobody tells. */
final class MonotonicEnvelope implements Envelope {

    @Override
    public Result open(Wrapped line) {
        int at = line.at;
        if (line.byteAt(at) != '[') {
            return Result.NOT_MINE;
        }
        int dots = 0;
        for (at++; at < line.end && line.b[at] != ']'; at++) {
            int c = line.b[at];
            dots += c == '.' ? 1 : 0;
            if (c != ' ' && c != '.' && c != '<' && c != '>' && !line.isDigit(at)) {
                return Result.NOT_MINE;
            }
        }
        if (dots < 1 || dots > 2 || line.byteAt(at + 1) != ' ') {
            return Result.NOT_MINE;
        }
        line.at = at + 2;
        return Result.OPENED;
    }
}
