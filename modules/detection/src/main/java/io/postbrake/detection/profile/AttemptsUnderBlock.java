package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.event.Submission;
import io.postbrake.state.SubjectState;
import java.util.List;

/** What an account tries after it was decided to block it. */
final class AttemptsUnderBlock {
    private static final int MAX_REFUSED = 200;

    private final SubjectState state;

    AttemptsUnderBlock(SubjectState state) {
        this.state = state;
    }

    /** One for each message: not for its further recipients, nor for a program's retry of what was refused for a while. */
    void count(Submission e) {
        if (Phase.of(e) == Phase.REFUSED) {
            long second = e.getOccurredAt().getEpochSecond();
            boolean again = second == state.getRefusedSecond() || e.getQueueId() != null;
            boolean retry = e.getReplyCode() != null && e.getReplyCode() < 500 && !refusedFirst(e.getTo());
            if (again || retry) {
                return;
            }
            state.setRefusedSecond(second);
        }
        if (state.getUnderBlock() == null) {
            state.setUnderBlock(RingWindow.empty(RingWindow.HOURS));
        }
        RingWindow.add(state.getUnderBlock(), EventTime.hour(e.getOccurredAt()), 1);
    }

    private boolean refusedFirst(String to) {
        List<Long> known = state.getRefusedTo();
        long hash = StableIds.of("recipient", to).getMostSignificantBits();
        if (known.contains(hash)) {
            return false;
        }
        known.add(hash);
        if (known.size() > MAX_REFUSED) {
            known.remove(0);
        }
        return true;
    }

    /** A block begins or its evidence is spent: attempts under it are counted anew. */
    void forget() {
        state.setUnderBlock(null);
        state.getRefusedTo().clear();
        state.setRefusedSecond(0);
    }
}
