package io.postbrake.postfixlog.envelope;

/** {@code NAME  | line}: Docker Compose names the container, {@code docker service logs} the task and its node. */
final class ComposeEnvelope implements Envelope {
    private static final int LONGEST = 160;

    @Override
    public Result open(Wrapped line) {
        int at = line.at;
        while (at < line.end && at - line.at < LONGEST && isName(line.b[at])) {
            at++;
        }
        if (at == line.at || line.byteAt(at) != ' ') {
            return Result.NOT_MINE;
        }
        while (line.byteAt(at) == ' ') {
            at++;
        }
        if (line.byteAt(at) != '|' || (line.byteAt(at + 1) != ' ' && at + 1 != line.end)) {
            return Result.NOT_MINE;
        }
        line.at = Math.min(at + 2, line.end);
        return Result.OPENED;
    }

    private static boolean isName(int c) {
        int letter = c | 0x20;
        return (c >= '0' && c <= '9')
                || (letter >= 'a' && letter <= 'z')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '@';
    }
}
