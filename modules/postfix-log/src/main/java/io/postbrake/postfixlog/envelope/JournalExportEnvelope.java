package io.postbrake.postfixlog.envelope;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code journalctl -o export}: a line a field and an empty line after each record. A field that is no plain text stands as its
 * name, its length in eight bytes, lowest first, and as many bytes, line ends among them.
 */
final class JournalExportEnvelope implements Envelope {
    private static final int LENGTH = 8;
    /** journald takes no larger field. A larger length is none: bytes of the record were lost. */
    private static final long LARGEST = 768L << 20;

    private final JournalRecord record;
    private final Pieces head = new Pieces();
    private boolean begun;
    /** Name of the field of bytes that is being read. */
    private @Nullable String binary;

    private long missing;

    JournalExportEnvelope(JournalRule rule) {
        record = new JournalRecord(rule);
    }

    @Override
    public boolean isPending() {
        return begun;
    }

    @Override
    public boolean isWithin() {
        return begun;
    }

    @Override
    public Result open(Wrapped line) {
        if (binary != null) {
            return more(line);
        }
        if (line.starts("__CURSOR=s=", line.at)) {
            begun = true;
            record.begin(Wrapped.NO_STAMP);
            return Result.PIECE;
        }
        if (!begun) {
            return Result.NOT_MINE;
        }
        if (line.at == line.end) {
            begun = false;
            return record.into(line);
        }
        int equals = line.at;
        while (equals < line.end && isName(line.b[equals])) {
            equals++;
        }
        if (equals == line.end) {
            binary = name(line, equals);
            missing = -1;
            head.clear();
            if (binary.equals("MESSAGE")) {
                record.beginMessage();
            }
            return Result.PIECE;
        }
        if (line.b[equals] != '=') {
            begun = false;
            return Result.NOT_MINE;
        }
        record.field(line, name(line, equals), equals + 1);
        return Result.PIECE;
    }

    private static boolean isName(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    private static String name(Wrapped line, int to) {
        return new String(line.b, line.at, to - line.at, StandardCharsets.ISO_8859_1);
    }

    /**
     * Goes on with a field of bytes: this line, and the line end behind it. Nothing that stands in it ends it, not even what
     * looks like the next record: a stranger may have written that.
     */
    private Result more(Wrapped line) {
        for (int i = line.at; i <= line.end && binary != null; i++) {
            int c = i == line.end ? '\n' : line.b[i];
            if (missing < 0) {
                head.add(c);
                if (head.length() == LENGTH) {
                    missing = length();
                    if (missing < 0 || missing > LARGEST) {
                        binary = null;
                        begun = false;
                        return Result.NOT_MINE;
                    }
                }
            } else if (missing > 0) {
                missing--;
                if (binary.equals("MESSAGE")) {
                    record.message(c);
                }
            } else {
                // The line end that closes the field.
                binary = null;
            }
        }
        return Result.PIECE;
    }

    private long length() {
        long value = 0;
        for (int i = LENGTH - 1; i >= 0; i--) {
            value = value << 8 | (head.bytes()[i] & 0xFF);
        }
        return value;
    }
}
