package io.postbrake.detection.decision;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a host does as was decided. Mail of a blocked account that it accepts, and neither refuses nor holds, proves that it does
 * not ask its table, whatever the cause. Whether it has the block at all, the watch over hosts knows.
 */
final class Obedience {
    private Obedience() {}

    /** What a message proves against its host; null when nothing. The block is the one that stood before it. */
    static SubjectOutput.@Nullable Disobeyed broken(DecisionContext context, Submission e) {
        boolean passed = SubjectKeys.is(SubjectKeys.SASL_USER, context.state().getSubjectKey())
                && Phase.of(e) == Phase.ACCEPTED
                && e.getBlockRef() == null
                && e.getStartedAt() != null;
        Instant since = passed ? blockedSince(context.state(), e.getHostId()) : null;
        // The block takes a moment to be there, and a large message that was begun before takes longer to be accepted.
        return since != null
                        && e.getStartedAt()
                                .isAfter(since.plus(context.config().hosts().confirmWithin()))
                ? new SubjectOutput.Disobeyed(e.getHostId(), e.getService(), since, e.getStartedAt())
                : null;
    }

    /** Since when the host may take no mail of the account; null when it may. */
    private static @Nullable Instant blockedSince(SubjectState s, String hostId) {
        OperatorOverride word = s.getWord();
        Block block = s.getBlock();
        if (block != null && (block.getOnlyHost() == null || block.getOnlyHost().equals(hostId))) {
            return block.getDecidedAt();
        }
        return word != null && word.getVerb().equals("block") ? word.getAt() : null;
    }
}
