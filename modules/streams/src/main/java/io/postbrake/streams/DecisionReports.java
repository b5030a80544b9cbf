package io.postbrake.streams;

import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.hosts.HostInput;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Decisions on their way to the watch over hosts, in the form of the reports that they are compared with. */
final class DecisionReports {

    private static final String DECIDED = "decided";
    private static final String SAID = "said";
    private static final String LIFTED = "lifted";
    private static final String DISOBEYED = "disobeyed";

    private DecisionReports() {}

    static List<EnforcementReport> of(String subjectKey, SubjectOutput outputs) {
        List<EnforcementReport> decided = new ArrayList<>(decided(subjectKey, outputs));
        if (outputs.disobeyed() != null) {
            SubjectOutput.Disobeyed proof = outputs.disobeyed();
            decided.add(about(subjectKey, DISOBEYED, proof.since())
                    .setHostId(proof.hostId())
                    .setProblem(proof.service())
                    .setStartedAt(proof.begun())
                    .build());
        }
        if (!(outputs.rename() instanceof SubjectOutput.Rename.TakesOver taken)) {
            return decided;
        }
        List<EnforcementReport> all = new ArrayList<>(decided);
        all.add(about(taken.oldKey(), LIFTED, Instant.EPOCH).build());
        return all;
    }

    private static List<EnforcementReport> decided(String subjectKey, SubjectOutput outputs) {
        if (outputs.block() instanceof SubjectOutput.BlockChange.Put put) {
            Block block = put.block();
            return List.of(about(subjectKey, DECIDED, block.getDecidedAt())
                    .setBlockId(block.getBlockId().toString())
                    .setHostId(block.getOnlyHost() == null ? "" : block.getOnlyHost())
                    .build());
        }
        return outputs.block() instanceof SubjectOutput.BlockChange.Lift
                ? List.of(about(subjectKey, LIFTED, Instant.EPOCH).build())
                : List.of();
    }

    /** An operator's newest word on a subject; null: it was withdrawn. */
    static EnforcementReport of(String key, OperatorOverride wordOrNull) {
        String subjectKey = SubjectKeys.current(key.toLowerCase(Locale.ROOT));
        return wordOrNull != null && wordOrNull.getVerb().equals("block")
                ? about(subjectKey, SAID, wordOrNull.getAt()).build()
                : about(subjectKey, LIFTED, Instant.EPOCH).build();
    }

    private static EnforcementReport.Builder about(String subjectKey, String kind, Instant at) {
        return EnforcementReport.newBuilder()
                .setHostId("")
                .setKind(kind)
                .setAt(at)
                .setSubject(subjectKey);
    }

    static HostInput input(EnforcementReport report) {
        return switch (report.getKind()) {
            case DECIDED ->
                new HostInput.Decided(
                        report.getBlockId(),
                        report.getSubject(),
                        report.getAt(),
                        report.getHostId().isEmpty() ? null : report.getHostId());
            case SAID -> new HostInput.Said(report.getSubject(), report.getAt());
            case DISOBEYED ->
                new HostInput.Disobeyed(
                        report.getHostId(),
                        report.getSubject(),
                        report.getProblem(),
                        report.getAt(),
                        report.getStartedAt() == null ? report.getAt() : report.getStartedAt());
            case LIFTED -> new HostInput.Lifted(report.getSubject());
            default -> new HostInput.Report(report);
        };
    }
}
