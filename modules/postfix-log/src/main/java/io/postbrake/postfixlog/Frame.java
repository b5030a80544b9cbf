package io.postbrake.postfixlog;

import io.postbrake.logline.Line;
import io.postbrake.postfixlog.envelope.Priority;
import org.jspecify.annotations.Nullable;

/**
 * The header of one line, read from the left: a stamp, with or without priority and host, and the program. After it was read,
 * the line stands at the first byte of the text.
 */
final class Frame {
    private static final String REPEATED = "last message repeated ";
    /** What syslog daemons keep of a tag that they pass on in their default format. */
    private static final int TAG_CUT = 32;

    private final StampReader stamps;
    private final Program.Known programs;
    private final Line l;
    long stamp;

    @Nullable
    String host;
    /** {@link Program#NONE} where the header has none. */
    Program program = Program.NONE;

    long pid;
    /** Where the program's name begins in the line, of a header that is part of it. */
    int programAt;
    /** How often the line before came again; 0 when this line is one of its own. */
    long repeats;

    Frame(Line line, StampReader stamps, Program.Known programs) {
        this.l = line;
        this.stamps = stamps;
        this.programs = programs;
    }

    private void clear() {
        stamp = Stamps.NONE;
        host = null;
        program = Program.NONE;
        pid = -1;
        repeats = 0;
    }

    /** False when there is no such header. Within a wrapping a header may have a host and no stamp. */
    boolean read(boolean wrapped) {
        clear();
        if (isBom(l.at)) {
            l.at += 3;
        }
        boolean structured = priority();
        int begin = l.at;
        if (structured && l.starts("- ")) {
            l.at++;
        } else if (stamps.read(l)) {
            stamp = stamps.millis();
        } else {
            l.at = begin;
            return bare(wrapped);
        }
        spaces();
        return structured ? structured() : plain();
    }

    /** Without a stamp only Postfix's own programs are a header, but for a log whose lines are all wrapped: any text could look like another's. */
    private boolean bare(boolean wrapped) {
        if (plain() && !program.isNone() && isName(program.name()) && (wrapped || (host == null && isPath(program)))) {
            return true;
        }
        clear();
        return false;
    }

    private static boolean isName(String program) {
        return program.chars()
                .allMatch(c -> Line.isAlnum(c) || c == '/' || c == '-' || c == '_' || c == '.' || c == '@');
    }

    private static boolean isPath(Program program) {
        return program.postfix() && program.name().indexOf('/') > 0;
    }

    /** Takes a header that stood elsewhere, in a journal's record. */
    void take(long time, @Nullable String hostOrNull, String name, long processId) {
        clear();
        stamp = time;
        host = hostOrNull;
        program = programs.of(name);
        pid = processId;
    }

    /** Takes the time of a wrapping whose text has no header. */
    void take(long time) {
        clear();
        stamp = time;
    }

    /** Takes the header of a line within this one; what that has not, stays. */
    void take(Frame inner) {
        stamp = inner.stamp == Stamps.NONE ? stamp : inner.stamp;
        host = inner.host == null ? host : inner.host;
        program = inner.program;
        programAt = inner.programAt;
        pid = inner.pid;
        repeats = 0;
    }

    /** What the wrappings say counts where the header says nothing. */
    void within(long time, @Nullable String hostOrNull) {
        stamp = stamp == Stamps.NONE ? time : stamp;
        host = host == null ? hostOrNull : host;
    }

    private boolean isBom(int i) {
        return l.byteAt(i) == 0xEF && l.byteAt(i + 1) == 0xBB && l.byteAt(i + 2) == 0xBF;
    }

    private boolean priority() {
        int i = l.at;
        if (l.byteAt(i) == '<') {
            i++;
            int from = i;
            while (i < from + 3 && l.isDigit(i)) {
                i++;
            }
            if (i == from || l.byteAt(i) != '>') {
                return false;
            }
            l.at = ++i;
        }
        if (l.byteAt(i) == '1' && l.byteAt(i + 1) == ' ' && (l.isDigit(i + 2) || l.starts("- ", i + 2))) {
            l.at = i + 2;
            return true;
        }
        return false;
    }

    private boolean plain() {
        int from = l.at;
        int to = l.token(from, l.end);
        if (isProgram(from, to)) {
            return program(from, to);
        }
        if (repeated(from) || withoutColon(from, to)) {
            return true;
        }
        if (isStamp(from)) {
            // A second stamp is no host: there is something around the line.
            return false;
        }
        if (Priority.is(l.b, from, to)) {
            host = null;
        } else {
            host = isLevel(from, to) ? null : l.word(from, to);
            to = next(to);
            if (repeated(l.at)) {
                return true;
            }
            // busybox puts "mail.info" before the program.
            if (!Priority.is(l.b, l.at, to)) {
                return program(l.at, to) || withoutColon(l.at, to);
            }
        }
        to = next(to);
        return program(l.at, to) || withoutColon(l.at, to);
    }

    /** Goes to the token behind this one, and tells its end. */
    private int next(int to) {
        l.at = to;
        spaces();
        return l.token(l.at, l.end);
    }

    private boolean isStamp(int i) {
        return l.isDigit(i) && l.byteAt(i + 4) == '-' && l.byteAt(i + 7) == '-' && l.isDigit(i + 8);
    }

    private boolean structured() {
        host = field();
        String name = field();
        int from = l.at;
        int to = l.token(from, l.end);
        pid = l.number(from, to);
        l.at = to;
        spaces();
        l.at = l.token(l.at, l.end);
        spaces();
        if (l.byteAt(l.at) == '-') {
            l.at++;
        } else {
            elements();
        }
        spaces();
        if (isBom(l.at)) {
            l.at += 3;
        }
        if (name == null) {
            return false;
        }
        program = programs.of(name);
        return true;
    }

    private @Nullable String field() {
        int from = l.at;
        int to = l.token(from, l.end);
        l.at = to;
        spaces();
        return to == from || l.is("-", from, to) ? null : l.word(from, to);
    }

    private void elements() {
        boolean quoted = false;
        boolean open = false;
        for (; l.at < l.end; l.at++) {
            byte c = l.b[l.at];
            if (quoted && c == '\\') {
                l.at++;
            } else if (c == '"') {
                quoted = open && !quoted;
            } else if (!quoted && c == '[') {
                open = true;
            } else if (!quoted && c == ']') {
                open = false;
            } else if (!open && c == ' ') {
                return;
            }
        }
        l.at = Math.min(l.at, l.end);
    }

    private boolean isProgram(int from, int to) {
        return to - from > 1 && l.b[to - 1] == ':';
    }

    private boolean program(int from, int to) {
        if (!isProgram(from, to)) {
            return false;
        }
        int stop = to - 1;
        int open = l.find('[', from, stop);
        int textAt = to;
        if (open >= 0) {
            int close = l.find(']', open, stop + 1);
            if (close < 0) {
                return false;
            }
            pid = l.number(open + 1, close);
            // Text that follows the bracket at once belongs to the message.
            textAt = close + 1 == stop ? to : close + 1;
            stop = open;
        } else if (Priority.is(l.b, from, stop) || (l.isDigit(from) && l.isIp(from, stop))) {
            return false;
        }
        if (stop == from) {
            return false;
        }
        program = programs.of(l.word(from, stop));
        programAt = from;
        l.at = textAt;
        spaces();
        return true;
    }

    /**
     * A program of Postfix without the colon: rsyslog stores so what came as RFC 5424, with the process in brackets, and passes
     * tags on that it has cut to 32 bytes. What is cut is not taken for a process or a service.
     */
    private boolean withoutColon(int from, int to) {
        boolean bracket = to > from && l.b[to - 1] == ']';
        boolean cut = to - from == TAG_CUT;
        if (!bracket && !cut) {
            return false;
        }
        int open = l.find('[', from, to);
        long number = open < 0 ? -1 : l.number(open + 1, bracket ? to - 1 : to);
        if (open < 0 ? bracket : open == from || (number < 0 && open + 1 < to)) {
            return false;
        }
        Program named = open < 0 ? programs.cut(l.word(from, to)) : programs.of(l.word(from, open));
        if (!named.postfix() || (cut && !isPath(named))) {
            return false;
        }
        program = named;
        pid = bracket ? number : -1;
        l.at = to;
        spaces();
        return true;
    }

    private boolean repeated(int from) {
        int i = l.starts("--- ", from) ? from + 4 : from;
        if (!l.starts(REPEATED, i)) {
            return false;
        }
        i += REPEATED.length();
        int to = l.token(i, l.end);
        long count = l.number(i, to);
        int rest = to + (count == 1 && !l.starts(" times", to) ? 5 : 6);
        if (count < 1 || !l.starts(" time", to) || !(l.end == rest || l.is(" ---", rest, l.end))) {
            return false;
        }
        repeats = count;
        return true;
    }

    private boolean isLevel(int from, int to) {
        if (to - from < 3
                || to - from > 7
                || l.b[from] < 'A'
                || l.b[from] > 'Z'
                || l.b[to - 1] < 'A'
                || l.b[to - 1] > 'Z') {
            return false;
        }
        return switch (l.word(from, to)) {
            case "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "CRIT", "FATAL" -> true;
            default -> false;
        };
    }

    private void spaces() {
        while (l.at < l.end && l.b[l.at] == ' ') {
            l.at++;
        }
    }
}
