package io.postbrake.postfixlog.envelope;

/**
 * {@code NAME line}: {@code podman logs --names} of several containers. A word alone would be as good as any other text that
 * begins a line, so a stamp must follow: with {@code -t} each line has one, without it those that have their own.
 */
final class NamesEnvelope implements Envelope {
    private static final int LONGEST = 160;

    @Override
    public Result open(Wrapped line) {
        int at = line.at;
        while (at < line.end && at - line.at < LONGEST && isName(line.b[at])) {
            at++;
        }
        if (at == line.at || line.byteAt(at) != ' ' || line.stamps.read(line.b, at + 1, line.end) < 0) {
            return Result.NOT_MINE;
        }
        line.at = at + 1;
        return Result.OPENED;
    }

    private static boolean isName(int c) {
        int letter = c | 0x20;
        return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z') || c == '-' || c == '_' || c == '.';
    }
}
