package io.postbrake.detection.decision;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One turn of a subject: takes one input into its state, and says what came of it. One class for each kind of subject. */
interface Reducer {

    /** Takes the input; what does not concern this kind of subject changes nothing. */
    void take(Input in);

    /** The state after the input, and what it led to. */
    SubjectOutput outputs();

    /** When the subject next needs an {@link Input.Tick}; null when it does not. */
    @Nullable
    Instant deadline();
}
