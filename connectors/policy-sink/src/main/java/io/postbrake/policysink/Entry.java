package io.postbrake.policysink;

/**
 * One right-hand side of a policy table.
 *
 * @param reply what Postfix is to answer, an access(5) action
 * @param endsAt when it ends, in milliseconds since 1970; {@link #NEVER}: until changed
 */
record Entry(String reply, long endsAt) {

    static final long NEVER = Long.MAX_VALUE;

    boolean ended(long now) {
        return endsAt <= now;
    }
}
