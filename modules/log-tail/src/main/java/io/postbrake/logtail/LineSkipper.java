package io.postbrake.logtail;

import java.io.IOException;

/** Leaves out lines of a file that are not to be read, or goes back to some that are to be read again. */
final class LineSkipper {

    private LineSkipper() {}

    /** Leaves out all whole lines but those of about the last {@code bytes}; returns how many bytes it has less than that. */
    static long toLast(TailedFile file, long bytes) throws IOException {
        long size = file.textSize();
        if (size <= bytes) {
            return bytes - size;
        }
        // A compressed file need not be unpacked to leave out all of it.
        long begin = bytes == 0 ? -1 : LineStarts.next(file.text(), size - bytes - 1);
        if (begin < 0) {
            toEnd(file);
        } else {
            to(file, begin);
        }
        return 0;
    }

    /** Leaves out all whole lines that are there. */
    static void toEnd(TailedFile file) throws IOException {
        ReadState state = file.state();
        if (file.kept().compressed()) {
            file.goOnFrom(file.textSize(), Fingerprint.UNKNOWN_TAIL, true);
            return;
        }
        LineStarts.Last last = LineStarts.last(file.text(), state.offset, file.textSize());
        if (last == null) {
            file.goOnFrom(state.offset, state.tail, false);
        } else {
            file.goOnFrom(last.offset(), last.tail(), false);
        }
    }

    /** Whether a line begins at this offset of its text, or may begin there. */
    static boolean isLineStart(TailedFile file, long offset) throws IOException {
        return offset == 0 || LineStarts.isOne(file.text(), offset);
    }

    static void to(TailedFile file, long offset) {
        file.goOnFrom(offset, Fingerprint.UNKNOWN_TAIL, false);
    }
}
