package io.postbrake.simulator;

import java.util.List;

/** Something that protects the fleet, told of everything in order of time. */
interface Guard {

    /** A message is offered: the block that stops it, or null when it is let through. */
    Block offered(Action.Mail mail);

    /** A login fails. */
    void failed(Action.Failure failure);

    /** A mailbox is read. */
    default void read(Action.Login login) {}

    /** A program of a host submits mail. */
    default void submitted(Action.Local local) {}

    /** What people were told of that nobody is blocked for. */
    default List<Told> told() {
        return List.of();
    }

    /** An incident of a local user or of a host's logins began. */
    record Told(String subjectKey, long at) {}

    /** The script is over. */
    default void over() {}

    /** All blocks ever made. */
    List<Block> blocks();

    /**
     * A stretch of time in which a subject was stopped.
     *
     * @param byAddress whether the subject is a client address; otherwise it is an account
     * @param action hold, defer or reject
     * @param reason what led to it, for a person
     */
    record Block(boolean byAddress, String subject, long at, String action, String reason) {}
}
