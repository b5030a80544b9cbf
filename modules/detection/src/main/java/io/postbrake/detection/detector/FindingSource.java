package io.postbrake.detection.detector;

import java.util.List;

/** What findings come from. A value: two that are set up alike are equal. */
public interface FindingSource {
    /** Stable kebab-case id. */
    String id();

    /** Kind of evidence: findings of one family are looks at the same thing, and only the heaviest counts. */
    default String family() {
        return id();
    }

    /** What an attacker does that this sees, the likeliest first; empty when nothing fits. */
    default List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS);
    }
}
