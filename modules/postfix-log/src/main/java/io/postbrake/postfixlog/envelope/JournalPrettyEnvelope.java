package io.postbrake.postfixlog.envelope;

/** {@code journalctl -o json-pretty}: the record's object over several lines, from a brace alone to a brace alone. */
final class JournalPrettyEnvelope implements Envelope {
    private final JsonEnvelope record;
    private final Pieces pieces = new Pieces();

    JournalPrettyEnvelope(JournalRule rule) {
        record = new JsonEnvelope(JsonShape.JOURNAL, rule);
    }

    @Override
    public boolean isPending() {
        return !pieces.isEmpty();
    }

    @Override
    public boolean isWithin() {
        return isPending();
    }

    @Override
    public Result open(Wrapped line) {
        boolean single = line.end - line.at == 1;
        if (single && line.b[line.at] == '{') {
            pieces.clear();
        } else if (pieces.isEmpty() || !(line.byteAt(line.at) == '\t' || (single && line.b[line.at] == '}'))) {
            pieces.clear();
            return Result.NOT_MINE;
        }
        pieces.add(line.b, line.at, line.end);
        if (!single || line.b[line.at] == '{') {
            return Result.PIECE;
        }
        pieces.into(line);
        return record.open(line);
    }
}
