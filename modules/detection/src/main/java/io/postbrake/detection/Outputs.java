package io.postbrake.detection;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;

/**
 * What one input leads to.
 *
 * @param state the subject's new state; null to forget the subject
 * @param findings opinions made now; those whose subject is another one are that subject's {@link Input.Opinion}
 * @param alerts new states of the subject's incident
 * @param forgotten ids of incidents that ended so long ago that their alerts are removed
 * @param block what happens to the subject's block
 * @param deadline when the subject next needs a {@link Input.Tick}; null when it does not
 */
public record Outputs(
        SubjectState state,
        List<Finding> findings,
        List<Alert> alerts,
        List<String> forgotten,
        BlockChange block,
        Instant deadline) {

    /** What happens to a block. */
    public sealed interface BlockChange {
        /** The block stays as it is. */
        record None() implements BlockChange {}

        /** A new or changed block is in force. */
        record Put(Block block) implements BlockChange {}

        /** The block is lifted. */
        record Lift() implements BlockChange {}
    }
}
