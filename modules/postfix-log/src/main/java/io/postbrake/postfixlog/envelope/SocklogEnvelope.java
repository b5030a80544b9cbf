package io.postbrake.postfixlog.envelope;

/** {@code [ADDRESS: ]mail.info: line}: socklog puts facility and severity before what it received, and the sender's address. */
final class SocklogEnvelope implements Envelope {
    private static final int LONGEST_ADDRESS = 45;

    @Override
    public Result open(Wrapped line) {
        int at = word(line, line.at);
        if (at < 0) {
            int address = line.at;
            while (address < line.end && address - line.at < LONGEST_ADDRESS && isAddress(line.b[address])) {
                address++;
            }
            if (address < line.at + 3 || line.b[address - 1] != ':' || line.byteAt(address) != ' ') {
                return Result.NOT_MINE;
            }
            at = word(line, address + 1);
        }
        if (at < 0) {
            return Result.NOT_MINE;
        }
        line.at = at;
        return Result.OPENED;
    }

    private static boolean isAddress(int c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == '.' || c == ':';
    }

    /** Index after {@code mail.info: } that begins at {@code from}, or -1. */
    private static int word(Wrapped line, int from) {
        int stop = from;
        while (stop < line.end && stop - from < 20 && line.b[stop] != ':' && line.b[stop] != ' ') {
            stop++;
        }
        boolean word = line.byteAt(stop) == ':' && line.byteAt(stop + 1) == ' ' && Priority.is(line.b, from, stop);
        return word ? stop + 2 : -1;
    }
}
