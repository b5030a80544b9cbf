package io.postbrake.postfixlog;

import io.postbrake.logline.Line;

/** Where lines end in a buffer of log bytes. */
public final class LineEnd {
    private LineEnd() {}

    /** Index of the first line feed from {@code from} on and before {@code to}, or -1. */
    public static int find(byte[] buf, int from, int to) {
        return Line.find(buf, '\n', from, to);
    }
}
