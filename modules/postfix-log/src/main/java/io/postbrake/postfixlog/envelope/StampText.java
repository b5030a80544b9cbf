package io.postbrake.postfixlog.envelope;

/** Reads a time stamp that is written as text, in the zone and year of the log where it has none. */
public interface StampText {

    /** Index after the stamp that begins at {@code from}; -1 when there is none. */
    int read(byte[] bytes, int from, int to);

    /** Milliseconds since the epoch of the stamp that was read last. */
    long millis();
}
