package io.postbrake.detection.decision;

import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import org.jspecify.annotations.Nullable;

/** What an operator's word on a subject does: evidence up to it is spent, or the subject is allowed, or blocked on the hosts. */
final class OperatorOverrides {
    private final DecisionContext context;
    private final SubjectState s;
    private final EvidenceLedger ledger;
    private final IncidentLifecycle incidents;
    private final BlockLifecycle blocks;

    OperatorOverrides(
            DecisionContext context, EvidenceLedger ledger, IncidentLifecycle incidents, BlockLifecycle blocks) {
        this.context = context;
        this.s = context.state();
        this.ledger = ledger;
        this.incidents = incidents;
        this.blocks = blocks;
    }

    /** Takes the newest word, after time passed to it; null withdraws the last one. */
    void accept(@Nullable OperatorOverride wordOrNull) {
        OperatorOverride word = wordOrNull;
        if (word == null) {
            s.setWord(null);
            return;
        }
        s.setLastSeenAt(DecisionContext.later(s.getLastSeenAt(), word.getAt()));
        if (word.getVerb().equals("unblock")) {
            // What an older tool says of the account under another name is still to be heard where its block is.
            s.setWord(SubjectKeys.current(s.getSubjectKey()).equals(s.getSubjectKey()) ? null : word);
            if (s.getSpentUntil() == null || word.getAt().isAfter(s.getSpentUntil())) {
                s.setSpentUntil(word.getAt());
                if (blocks.heldACircular()) {
                    context.profile().circulars().learn(context.now(), true);
                }
                context.updater().spend();
                ledger.weighAnew();
                s.setPast(null);
                s.setRepeats(0);
                boolean newer = s.getBlock() == null
                        ? s.getActiveAt() != null && s.getActiveAt().isAfter(word.getAt())
                        : s.getBlock().getLastEvidenceAt().isAfter(word.getAt());
                if (s.getBlock() != null && !newer) {
                    blocks.liftWithoutTrace();
                }
                if (s.getIncident() != null && !newer) {
                    incidents.resolve(
                            "unblocked", word.getActor(), "Lifted by " + word.getActor() + ": " + word.getReason());
                }
            }
            return;
        }
        s.setWord(word);
        s.setRepeats(context.allowed() ? 0 : s.getRepeats());
        liftIfAllowed(word);
    }

    /** Takes a lift that was said of the account under another name; a newer word of its own stands. */
    void acceptOlder(OperatorOverride lift) {
        OperatorOverride own = s.getWord();
        accept(lift);
        if (own != null && own.getAt().isAfter(lift.getAt())) {
            accept(own);
        }
    }

    /** Lifts the block of a subject that is allowed now. */
    void liftIfAllowed(OperatorOverride word) {
        if (context.allowed() && s.getBlock() != null) {
            blocks.liftWithoutTrace();
            incidents.publishUpdate("Allowed by " + word.getActor() + ": " + word.getReason());
        }
    }
}
