package io.postbrake.postfixlog.envelope;

import org.jspecify.annotations.Nullable;

/**
 * A line while its wrappings are opened: the bytes that are left, and what the wrappings said: a stamp, and, where they have the
 * fields of a syslog header, host, program and process. A name of a stream, a container or a pod is never a host.
 */
public final class Wrapped {
    /** Of a line whose wrappings have no stamp. */
    public static final long NO_STAMP = Long.MIN_VALUE;

    final StampText stamps;
    byte[] b = {};
    int at;
    int end;
    long millis;

    @Nullable
    String host;

    @Nullable
    String program;

    long pid;
    boolean container;
    boolean joined;
    boolean nobodys;

    /** Reads stamps of wrappings by {@code stamps}. */
    public Wrapped(StampText stamps) {
        this.stamps = stamps;
    }

    void set(byte[] bytes, int from, int to) {
        b = bytes;
        at = from;
        end = to;
        millis = NO_STAMP;
        host = null;
        program = null;
        pid = -1;
        container = false;
        joined = false;
        nobodys = false;
    }

    /** The wrapping says that nobody wrote the text who is believed: nothing is left of it, however it is looked at. */
    void leaveOut() {
        at = end;
        nobodys = true;
    }

    /** Leaves out the line end that an engine keeps with the text. */
    void dropLineEnd() {
        while (end > at && (b[end - 1] == '\n' || b[end - 1] == '\r')) {
            end--;
        }
    }

    /** The bytes in which the text stands. */
    public byte[] bytes() {
        return b;
    }

    /** Where the text begins. */
    public int from() {
        return at;
    }

    /** Where the text ends. */
    public int to() {
        return end;
    }

    /** Stamp of the innermost wrapping that has one, in milliseconds since the epoch, or {@link #NO_STAMP}. */
    public long millis() {
        return millis;
    }

    /** Host that the wrapping names, or null. */
    public @Nullable String host() {
        return host;
    }

    /** Program that the wrapping names: then the text has no header of its own; null otherwise. */
    public @Nullable String program() {
        return program;
    }

    /** Process that the wrapping names, or -1. */
    public long pid() {
        return pid;
    }

    /** Whether the named program is a container's, so that the text may have a header all the same. */
    public boolean isContainer() {
        return container;
    }

    /** Whether the text came in several lines. */
    public boolean isJoined() {
        return joined;
    }

    int byteAt(int i) {
        return i < end ? b[i] & 0xFF : -1;
    }

    boolean isDigit(int i) {
        return i < end && b[i] >= '0' && b[i] <= '9';
    }

    boolean starts(String literal, int i) {
        int length = literal.length();
        if (i < 0 || end - i < length) {
            return false;
        }
        for (int k = 0; k < length; k++) {
            if (b[i + k] != literal.charAt(k)) {
                return false;
            }
        }
        return true;
    }

    /** Index of the first byte of this value from {@code from} on, or the end. */
    int find(int c, int from) {
        int i = from;
        while (i < end && b[i] != c) {
            i++;
        }
        return i;
    }

    /** Reads a stamp of its text, which must end with a space; true when the text was moved on to what follows. */
    boolean takeStamp() {
        int stop = stamps.read(b, at, end);
        if (stop < 0 || byteAt(stop) != ' ') {
            return false;
        }
        millis = stamps.millis();
        at = stop + 1;
        return true;
    }
}
