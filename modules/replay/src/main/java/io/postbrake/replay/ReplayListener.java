package io.postbrake.replay;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import java.time.Instant;

/**
 * What a replay says while it runs, in order of decision time; called by the thread that runs it. Records may be kept but
 * not changed. {@code at} is the decision time.
 */
public interface ReplayListener {

    /** A line was read, before anything comes of it. */
    default void event(MailEvent event) {}

    /** The correlator made a submission of a line. */
    default void submission(Submission submission) {}

    /** An input of a subject was judged; {@link SubjectOutput#records} are what stands on the topic of findings. */
    default void judged(Instant at, SubjectOutput out) {}

    /** An incident opened, changed or was resolved; {@code detector} is the id of the one that weighed most. */
    default void alert(Instant at, Alert alert, String detector) {}

    /** A block was put, escalated or extended, by the weightiest detector {@code detector}. */
    default void block(Instant at, Block block, String detector) {}

    /** The subject's block was lifted; the key is subject type, a colon, and the subject. */
    default void lift(Instant at, String subjectKey) {}
}
