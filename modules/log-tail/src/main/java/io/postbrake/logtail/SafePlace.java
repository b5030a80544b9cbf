package io.postbrake.logtail;

/**
 * A place in a log before which the broker has everything.
 *
 * @param next where to go on
 * @param tail check value of the text before it
 */
public record SafePlace(Position next, int tail) {

    /** Where this line begins. */
    public static SafePlace before(LogLine line) {
        return new SafePlace(line.at(), Fingerprint.UNKNOWN_TAIL);
    }

    /** Whether both are places of one text. */
    public boolean sameText(SafePlace other) {
        return next.sourceId().equals(other.next.sourceId()) && next.generation() == other.next.generation();
    }
}
