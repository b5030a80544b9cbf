package io.postbrake.detection.decision;

import java.util.List;

/** What can be done about a subject, the mildest first; blocks and incidents keep these words on their topics. */
final class Actions {
    static final String OBSERVE = "observe";
    static final String HOLD = "hold";
    static final String DEFER = "defer";
    static final String REJECT = "reject";

    private static final List<String> MILDEST_FIRST = List.of(OBSERVE, HOLD, DEFER, REJECT);

    private Actions() {}

    /** 0 for observe to 3 for reject; -1 for a word that is none of them. */
    static int rank(String action) {
        return MILDEST_FIRST.indexOf(action);
    }
}
