package io.postbrake.postfixlog.envelope;

/**
 * Docker's {@code json-file}. A line of more than 16 KiB comes in records of that size, of which only the last ends with a line
 * end; the pieces of the two streams may stand between each other.
 */
final class DockerEnvelope implements Envelope {
    private static final int PIECE = 1 << 14;

    private final JsonFields fields = new JsonFields("log", "stream", "time", "syslogtag", "programname");
    private final Pieces out = new Pieces();
    private final Pieces err = new Pieces();

    @Override
    public boolean isPending() {
        return !out.isEmpty() || !err.isEmpty();
    }

    @Override
    public Result open(Wrapped line) {
        boolean mine = line.byteAt(line.at) == '{'
                && fields.read(line, line.at)
                && fields.has(0)
                && fields.has(1)
                && fields.has(2)
                // A stranger may have put the others into what a template of rsyslog did not escape.
                && !fields.has(3)
                && !fields.has(4);
        if (!mine) {
            return Result.NOT_MINE;
        }
        long millis = JsonEnvelope.time(line, fields, 2);
        byte[] text = fields.bytes(0);
        int length = fields.length(0);
        Pieces pieces = "stderr".equals(fields.string(1)) ? err : out;
        boolean whole = length < PIECE || text[length - 1] == '\n';
        if (!whole || !pieces.isEmpty()) {
            pieces.add(text, 0, length);
        }
        if (!whole) {
            return Result.PIECE;
        }
        if (millis != Wrapped.NO_STAMP) {
            line.millis = millis;
        }
        if (pieces.isEmpty()) {
            line.b = text;
            line.at = 0;
            line.end = length;
        } else {
            pieces.into(line);
        }
        return Result.OPENED;
    }
}
