package io.postbrake.detection.detector;

import java.util.List;

/** What findings come from. A value: two that are set up alike are equal. */
public interface FindingSource {
    /** Stable kebab-case id. */
    String id();

    /** Kind of evidence; one of its own unless other detectors look at the same thing. */
    default Family family() {
        return new Family(id());
    }

    /**
     * Whether what it finds is true of every large batch, a circular of the account's owner included: of how much is sent, not of
     * where it comes from nor of what arrives.
     */
    default boolean describesBatch() {
        return false;
    }

    /** Whether what it finds holds mail at most, however likely abuse is: nobody has sent anything yet. */
    default boolean holdsAtMost() {
        return false;
    }

    /** What an attacker does that this sees, the likeliest first; empty when nothing fits. */
    default List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS);
    }
}
