package io.postbrake.detection.decision;

import io.postbrake.subject.BlockAction;

/** Words of what the detection does about a subject, as blocks and incidents keep them on their topics. */
final class Actions {
    static final String OBSERVE = "observe";
    static final String HOLD = "hold";
    static final String DEFER = "defer";
    static final String REJECT = "reject";

    private Actions() {}

    /** 0 for observe, and so on by strictness; -1 for a word that is no action. */
    static int rank(String action) {
        int block = BlockAction.rank(action);
        return block > 0 || OBSERVE.equals(action) ? block : -1;
    }
}
