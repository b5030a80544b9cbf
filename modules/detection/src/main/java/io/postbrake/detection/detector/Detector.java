package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/** A pure function of what is remembered of a subject, the event included, to an optional opinion. */
public interface Detector extends FindingSource {
    /** Whether it is about what is tried in spite of a block: in the past there was none, whatever would have been decided then. */
    default boolean presumesBlock() {
        return false;
    }

    Optional<Finding> on(Profile profile, SubmissionContext seen);

    /** All opinions that the event leads to: a late one may throw light on several earlier events. */
    default List<Finding> all(Profile profile, SubmissionContext seen) {
        return on(profile, seen).map(List::of).orElse(List.of());
    }
}
