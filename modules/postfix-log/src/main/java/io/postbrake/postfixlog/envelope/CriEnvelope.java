package io.postbrake.postfixlog.envelope;

/**
 * {@code STAMP stdout F line}: what Kubernetes' runtimes write (CRI). A line comes in pieces {@code P} when it is long, or when
 * the runtime read it in two turns, and the pieces of the two streams may stand between each other. A stamp is the last piece's.
 */
final class CriEnvelope implements Envelope {
    private final Pieces out = new Pieces();
    private final Pieces err = new Pieces();

    @Override
    public boolean isPending() {
        return !out.isEmpty() || !err.isEmpty();
    }

    @Override
    public Result open(Wrapped line) {
        int begin = line.at;
        long before = line.millis;
        if (line.isDigit(begin) && line.takeStamp()) {
            boolean stdout = line.starts("stdout ", line.at);
            if (stdout || line.starts("stderr ", line.at)) {
                Result result = piece(line, line.at + 7, stdout ? out : err);
                if (result != Result.NOT_MINE) {
                    return result;
                }
            }
        }
        line.at = begin;
        line.millis = before;
        return Result.NOT_MINE;
    }

    private static Result piece(Wrapped line, int tag, Pieces pieces) {
        int c = line.byteAt(tag);
        // Further tags stand behind a colon.
        int after = tag + 1;
        if (line.byteAt(after) == ':') {
            after = line.find(' ', after);
        }
        if ((c != 'F' && c != 'P') || (line.byteAt(after) != ' ' && after != line.end)) {
            return Result.NOT_MINE;
        }
        line.at = Math.min(after + 1, line.end);
        if (c == 'P' || !pieces.isEmpty()) {
            pieces.add(line.b, line.at, line.end);
        }
        if (c == 'P') {
            return Result.PIECE;
        }
        if (!pieces.isEmpty()) {
            pieces.into(line);
        }
        return Result.OPENED;
    }
}
