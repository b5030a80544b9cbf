package io.postbrake.postfixlog;

import io.postbrake.logline.Line;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.Unwrapper;
import io.postbrake.postfixlog.envelope.Wrapped;
import java.time.Year;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Reads the header of a log's lines within the wrappings that the log has. */
final class LineHeader implements Unwrapper.Header {
    private final Line line;
    private final StampReader stamps;
    private final Wrapped wrapped;
    private final Unwrapper unwrapper;
    private final Nested nested;
    private final StampHabit habit = new StampHabit();
    private byte[] bytes = {};
    private int begin;
    private boolean joined;
    private int textBegin;

    /** What was read last. */
    final Frame frame;

    LineHeader(Line line, ZoneId zone, @Nullable Year firstYearOrNull, Envelopes envelopes) {
        this.line = line;
        var programs = new Program.Known();
        stamps = new StampReader(new Stamps(zone, firstYearOrNull), line);
        frame = new Frame(line, stamps, programs);
        nested = new Nested(new Frame(line, stamps, programs));
        wrapped = new Wrapped(stamps);
        unwrapper = new Unwrapper(envelopes, wrapped);
    }

    /** Reads one line; afterwards {@link #frame} is its header and the line stands at the text. */
    Unwrapper.Result read(byte[] buf, int from, int to, long readAt) {
        stamps.readAt(readAt);
        bytes = buf;
        begin = from;
        joined = false;
        if (unwrapper.isPlain()) {
            textBegin = from;
            line.set(buf, from, trimmed(buf, from, to));
            return plain(false) ? Unwrapper.Result.HEADER : Unwrapper.Result.UNKNOWN;
        }
        Unwrapper.Result result = unwrapper.open(buf, from, to, this);
        joined = wrapped.isJoined();
        if (result != Unwrapper.Result.HEADER) {
            frame.take(wrapped.millis());
        }
        return result;
    }

    private boolean plain(boolean isWrapped) {
        if (!frame.read(isWrapped) || (isRead() && !habit.fits(frame.stamp != Stamps.NONE))) {
            return false;
        }
        if (frame.program.passesOn()) {
            nested.read(line, frame);
        }
        return true;
    }

    @Override
    public boolean read(Wrapped w) {
        textBegin = w.from();
        line.set(w.bytes(), w.from(), trimmed(w.bytes(), w.from(), w.to()));
        String program = w.program();
        if (program == null) {
            if (!plain(w.from() != begin || w.bytes() != bytes)) {
                return false;
            }
            frame.within(w.millis(), w.host());
            return true;
        }
        // A container's engine names as it likes: what Postfix said in it has a header of its own.
        frame.take(w.millis(), w.host(), w.isContainer() ? Nested.CONTAINER : program, w.pid());
        if (frame.program.passesOn()) {
            nested.read(line, frame);
        }
        return true;
    }

    @Override
    public boolean isRead() {
        return frame.program.isRead();
    }

    @Override
    public boolean isComplete() {
        return !frame.program.isNone() || frame.repeats > 0;
    }

    /** Whether the line was put together of several, so that its bytes are not a line by themselves. */
    boolean isJoined() {
        return joined;
    }

    /** Whether a line was begun of which pieces are still to come. */
    boolean isPending() {
        return unwrapper.isPending();
    }

    /** Bytes of the line within its wrappings. */
    int length() {
        return line.end - textBegin;
    }

    static int trimmed(byte[] b, int from, int to) {
        int end = to;
        while (end > from && (b[end - 1] == '\n' || b[end - 1] == '\r' || b[end - 1] == ' ')) {
            end--;
        }
        return end;
    }
}
