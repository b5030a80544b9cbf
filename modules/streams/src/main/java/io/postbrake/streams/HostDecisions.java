package io.postbrake.streams;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.hosts.HostInput;
import io.postbrake.detection.subject.SubjectKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the watch over hosts must know of a decision on a subject, to see whether hosts do as was decided. */
final class HostDecisions {

    private HostDecisions() {}

    static List<HostInput.Decision> of(String subjectKey, SubjectOutput outputs) {
        List<HostInput.Decision> all = new ArrayList<>();
        if (outputs.block() instanceof SubjectOutput.BlockChange.Put put) {
            Block block = put.block();
            all.add(new HostInput.Decided(
                    block.getBlockId().toString(), subjectKey, block.getDecidedAt(), block.getOnlyHost()));
        } else if (outputs.block() instanceof SubjectOutput.BlockChange.Lift) {
            all.add(new HostInput.Lifted(subjectKey));
        }
        if (outputs.disobeyed() != null) {
            SubjectOutput.Disobeyed proof = outputs.disobeyed();
            all.add(new HostInput.Disobeyed(proof.hostId(), subjectKey, proof.service(), proof.since(), proof.begun()));
        }
        if (outputs.rename() instanceof SubjectOutput.Rename.TakesOver taken) {
            all.add(new HostInput.Lifted(taken.oldKey()));
        }
        return all;
    }

    /** An operator's newest word on a subject; null: it was withdrawn. */
    static HostInput.Decision of(String key, OperatorOverride wordOrNull) {
        String subjectKey = SubjectKeys.current(key.toLowerCase(Locale.ROOT));
        return wordOrNull != null && wordOrNull.getVerb().equals("block")
                ? new HostInput.Said(subjectKey, wordOrNull.getAt())
                : new HostInput.Lifted(subjectKey);
    }
}
