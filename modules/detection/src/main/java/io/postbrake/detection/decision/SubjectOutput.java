package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.notice.NoticeRecords;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one input leads to.
 *
 * @param state the subject's new state; null to forget the subject
 * @param findings opinions made now; those whose subject is another one are that subject's {@link Input.ForeignFinding}
 * @param alerts new states of the subject's incident
 * @param forgotten ids of incidents that ended so long ago that their alerts are removed
 * @param block what happens to the subject's block
 * @param deadline when the subject next needs a {@link Input.Tick}; null when it does not
 * @param notices notices to other subjects; each is its {@link Notice#to}'s {@link Input.Notified}
 * @param disobeyed that a host took mail of the subject in spite of its block; null as a rule
 * @param rename that the subject goes on under another key, or did so far; null as a rule
 */
public record SubjectOutput(
        @Nullable SubjectState state,
        List<Finding> findings,
        List<Alert> alerts,
        List<String> forgotten,
        BlockChange block,
        @Nullable Instant deadline,
        List<Notice> notices,
        @Nullable Disobeyed disobeyed,
        @Nullable Rename rename) {

    /** Of a subject that keeps its key and sends no notices. */
    public SubjectOutput(
            @Nullable SubjectState state,
            List<Finding> findings,
            List<Alert> alerts,
            List<String> forgotten,
            BlockChange block,
            @Nullable Instant deadline) {
        this(state, findings, alerts, forgotten, block, deadline, List.of(), null, null);
    }

    /** Of a subject of which nothing is known, and nothing is said. */
    static SubjectOutput nothing() {
        return new SubjectOutput(null, List.of(), List.of(), List.of(), new BlockChange.None(), null);
    }

    /** Whether there is nothing to tell anybody: at most the state changed. */
    public boolean isSilent() {
        return findings.isEmpty()
                && alerts.isEmpty()
                && forgotten.isEmpty()
                && block instanceof BlockChange.None
                && notices.isEmpty()
                && disobeyed == null
                && rename == null;
    }

    /** All that goes on the topic of findings: the opinions, and the notices as records. */
    public List<Finding> records() {
        if (notices.isEmpty()) {
            return findings;
        }
        List<Finding> all = new ArrayList<>(findings);
        notices.forEach(notice -> all.add(NoticeRecords.record(notice)));
        return all;
    }

    /**
     * A host accepted a message of a blocked subject, and neither refused nor held it.
     *
     * @param service the Postfix service that took it; null when it is not known
     * @param since when the block was decided, or the operator's word was said
     * @param begun when the message was begun, by the host's clock
     */
    public record Disobeyed(String hostId, @Nullable String service, Instant since, Instant begun) {}

    /** An earlier build kept the subject under a key of its own. */
    public sealed interface Rename {
        /** The subject leaves its key: all that was kept goes on under {@link SubjectKeys#current the right one}. */
        record Leaves(SubjectState state) implements Rename {}

        /** What was kept under {@code oldKey} is this subject's from now on. */
        record TakesOver(String oldKey) implements Rename {}
    }

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
