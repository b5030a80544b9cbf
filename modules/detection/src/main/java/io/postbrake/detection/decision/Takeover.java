package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.function.Consumer;

/** What an earlier build took for another account is this one's, too: its history, incident, block and override. */
final class Takeover {
    private final DecisionContext context;
    private final SubjectState s;
    private final EvidenceLedger ledger;
    private final IncidentLifecycle incidents;
    private final BlockLifecycle blocks;
    private final OperatorOverrides overrides;

    Takeover(
            DecisionContext context,
            EvidenceLedger ledger,
            IncidentLifecycle incidents,
            BlockLifecycle blocks,
            OperatorOverrides overrides) {
        this.context = context;
        this.s = context.state();
        this.ledger = ledger;
        this.incidents = incidents;
        this.blocks = blocks;
        this.overrides = overrides;
    }

    /**
     * Takes it over.
     *
     * @param old this turn's own copy of what was kept
     * @param advance lets time pass for the subject, once it has all that was kept
     */
    void of(SubjectState old, Consumer<Instant> advance) {
        context.pass(DecisionContext.later(
                DecisionContext.later(s.getLastTickAt(), s.getLastSeenAt()),
                DecisionContext.later(old.getLastTickAt(), old.getLastSeenAt())));
        Alert own = s.getIncident();
        Block block = Renaming.stricter(s.getBlock(), old.getBlock());
        Block carried = block == old.getBlock() ? block : null;
        OperatorOverride lift = Renaming.takeLift(old);
        Renaming.join(s, old);
        ledger.weighAnew();
        if (own == null) {
            s.setIncident(old.getIncident());
            s.setTellAt(old.getTellAt());
        } else if (old.getIncident() != null) {
            Instant tellAt = s.getTellAt();
            s.setIncident(old.getIncident());
            incidents.resolve(
                    "merged", null, "Goes on as the incident " + own.getIncidentId() + " of the same account");
            s.setIncident(own);
            s.setTellAt(tellAt);
        }
        if (carried != null) {
            if (own != null) {
                carried.setIncidentId(own.getIncidentId());
            }
            Instant until = s.getBlockUntil();
            blocks.put(carried);
            s.setBlockUntil(until);
            s.setSteady(old.getSteady());
        }
        advance.accept(context.now());
        if (s.getWord() != null) {
            overrides.liftIfAllowed(s.getWord());
        }
        if (lift != null) {
            overrides.acceptOlder(lift);
        }
        if (s.getIncident() != null && (own == null || carried != null)) {
            incidents.publishUpdate(
                    "The account goes by the name " + SubjectKeys.bare(s.getSubjectKey()) + " from now on");
        }
    }
}
