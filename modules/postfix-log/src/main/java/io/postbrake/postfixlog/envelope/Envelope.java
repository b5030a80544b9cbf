package io.postbrake.postfixlog.envelope;

/**
 * One way in which a log line is wrapped by what carried it: a container engine, a log collector, a supervisor. It reads from
 * the left, and what it opens begins behind bytes that no stranger writes. One object serves one log: it may wait for the rest
 * of a line that comes in pieces.
 */
interface Envelope {

    /** What a line is to an envelope. */
    enum Result {
        /** It is not wrapped so; nothing of the line was changed. */
        NOT_MINE,
        /** A part of a line, or of a record of several lines: the rest is yet to come. */
        PIECE,
        /** The line now holds what was inside. */
        OPENED
    }

    /** Whether a line, or a record of several, was begun and its rest is yet to come. */
    default boolean isPending() {
        return false;
    }

    /** Whether it is within a record of several lines: the next one is its own, whatever that looks like. */
    default boolean isWithin() {
        return false;
    }

    /** Opens the line. */
    Result open(Wrapped line);
}
