package io.postbrake.postfixlog;

/**
 * Whether the lines of a log have stamps of their own. That is found by its first lines of Postfix, and is then fixed: where they
 * have, a line without one is not Postfix's, but text that another program of the same log let begin a line.
 */
final class StampHabit {
    /** So many lines of Postfix settle it. */
    static final int SAMPLE = 100;

    /** Fewer of them without a stamp are exceptions, such as what Postfix says before its logger runs. */
    static final int FEW = 10;

    private int stamped;
    private int bare;
    private boolean settled;

    /** Takes a line that has the header of one of Postfix; false when it is none for want of a stamp. */
    boolean fits(boolean hasStamp) {
        if (settled) {
            return hasStamp || bare >= FEW;
        }
        if (hasStamp) {
            stamped++;
        } else {
            bare++;
        }
        settled = stamped + bare >= SAMPLE;
        return true;
    }
}
