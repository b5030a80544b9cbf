package io.postbrake.detection.runtime;

import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a detection in memory takes and makes, in order of decision time; called by the thread that drives it. Findings,
 * alerts and blocks may be kept; events, submissions and states are changed later.
 */
public interface DetectionListener {

    /** An event came, before anything is made of it. */
    default void received(MailEvent event) {}

    /** The correlator made a submission of an event. */
    default void submission(Submission submission) {}

    /**
     * A subject took an input. What follows from it for other subjects, they take later.
     *
     * @param now how late it is; null before it was said for the first time
     * @param outputs what came of it; the state in it is the subject's own
     */
    void judged(@Nullable Instant now, String subjectKey, Input input, SubjectOutput outputs);
}
