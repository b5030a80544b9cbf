package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** A pure function of what is remembered of a subject, the event included, to an optional opinion. */
interface Detector {

    /** Stable kebab-case id. */
    String id();

    Optional<Finding> on(Profile profile, Submission event);
}
