package io.postbrake.postfixlog.envelope;

import io.postbrake.postfixlog.envelope.JsonShape.Role;
import java.util.Arrays;

/**
 * A JSON object a line, as collectors write it. Where it names the program, the text is what follows a header; where it does not,
 * the text is a whole line. Which fields mean what, its {@link JsonShape} says.
 */
final class JsonEnvelope implements Envelope {
    private final JsonShape shape;
    private final JsonFields fields;
    private final JournalGate gate;

    JsonEnvelope(JsonShape shape, JournalRule rule) {
        this.shape = shape;
        gate = new JournalGate(rule);
        fields = new JsonFields(shape.names());
    }

    @Override
    public Result open(Wrapped line) {
        int from = line.at;
        if (shape.streamed()) {
            from += line.starts("data: ", from) ? 6 : line.byteAt(from) == 0x1E ? 1 : 0;
        }
        if (line.byteAt(from) != '{' || !fields.read(line, from) || !shape.isWhole(line, fields)) {
            return Result.NOT_MINE;
        }
        int text = shape.first(Role.TEXT, fields);
        String tag = fields.string(shape.first(Role.TAG, fields));
        String program = fields.string(shape.first(Role.PROGRAM, fields));
        long millis = time(line, fields, shape.first(Role.TIME, fields));
        if (millis != Wrapped.NO_STAMP) {
            line.millis = millis;
        }
        String host = fields.string(shape.first(Role.HOST, fields));
        if (host != null && !host.isEmpty() && !host.equals("-")) {
            line.host = host;
        }
        JournalGate.Text of = gate.take(
                fields.number(shape.first(Role.UID, fields)),
                program,
                fields.string(shape.first(Role.CONTAINER, fields)),
                shape.first(Role.UNFINISHED, fields) >= 0,
                shape.first(Role.PIECE, fields) >= 0);
        if (of == JournalGate.Text.OF_NOBODY) {
            line.leaveOut();
            return Result.OPENED;
        }
        line.container = of == JournalGate.Text.OF_A_CONTAINER;
        if (tag != null && !tag.isEmpty()) {
            tagged(line, tag);
        } else if (program != null && !program.isEmpty() && !program.equals("-")) {
            line.program = program;
        }
        long pid = fields.number(shape.first(Role.PID, fields));
        if (pid >= 0 && !shape.mayBeAStrangers(shape.first(Role.PID, fields), fields)) {
            line.pid = pid;
        }
        text(line, text);
        return Result.OPENED;
    }

    /** {@code postfix/smtpd[7]:}. */
    private static void tagged(Wrapped line, String tag) {
        String name = name(tag);
        int open = bracket(name);
        line.pid = open < 0 ? line.pid : pid(tag);
        line.program = open < 0 ? name : name.substring(0, open);
    }

    /** Process that the tag names, or -1. */
    static long pid(String tag) {
        String name = name(tag);
        int open = bracket(name);
        String pid = open < 0 ? "" : name.substring(open + 1, name.length() - 1);
        boolean number = !pid.isEmpty() && pid.length() < 19 && pid.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(pid) : -1;
    }

    private static String name(String tag) {
        String name = tag.stripTrailing();
        return name.endsWith(":") ? name.substring(0, name.length() - 1) : name;
    }

    private static int bracket(String name) {
        int open = name.indexOf('[');
        return open > 0 && name.endsWith("]") ? open : -1;
    }

    /** A time that is a number or a text; {@link Wrapped#NO_STAMP} when it is neither. */
    static long time(Wrapped line, JsonFields fields, int field) {
        if (field < 0 || fields.length(field) <= 0) {
            return Wrapped.NO_STAMP;
        }
        byte[] b = fields.bytes(field);
        int length = fields.length(field);
        long number = Epoch.millis(b, 0, length);
        if (number != Wrapped.NO_STAMP) {
            return number;
        }
        // The reader of stamps wants to see what follows one.
        byte[] spaced = Arrays.copyOf(b, length + 1);
        spaced[length] = ' ';
        return line.stamps.read(spaced, 0, length + 1) == length ? line.stamps.millis() : Wrapped.NO_STAMP;
    }

    private void text(Wrapped line, int field) {
        line.b = fields.bytes(field);
        line.at = 0;
        line.end = fields.length(field);
        line.dropLineEnd();
        // What rsyslog calls the message begins with the space behind the tag.
        if (line.program != null && line.byteAt(0) == ' ') {
            line.at++;
        }
    }
}
