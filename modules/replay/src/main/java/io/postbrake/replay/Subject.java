package io.postbrake.replay;

import io.postbrake.state.SubjectState;

/** What a replay remembers of one subject, so that it is looked up once an input. */
final class Subject {
    final String key;
    SubjectState state;
    /** Id of the detector that weighs most in its open incident; null before one is known. */
    String weightiest;
    /** Second of its deadline, and the second of its entry in the queue of wakes. */
    long due = Wakes.NEVER;

    long queued = Wakes.NEVER;

    Subject(String key) {
        this.key = key;
    }
}
