package io.postbrake.streams;

import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.hosts.HostInput;
import java.time.Instant;
import java.util.List;

/**
 * Decisions on their way to the watch over hosts have the form of the reports that they are compared with: one topic brings
 * both, in order. Here alone one becomes the other, so that builds before and after each other read what is under way.
 */
final class HostRecords {

    private static final String DECIDED = "decided";
    private static final String SAID = "said";
    private static final String LIFTED = "lifted";
    private static final String DISOBEYED = "disobeyed";

    private HostRecords() {}

    static List<EnforcementReport> records(List<HostInput.Decision> decisions) {
        return decisions.stream().map(HostRecords::record).toList();
    }

    static EnforcementReport record(HostInput.Decision decision) {
        if (decision instanceof HostInput.Decided decided) {
            return about(decided.subjectKey(), DECIDED, decided.decidedAt())
                    .setBlockId(decided.blockId())
                    .setHostId(decided.onlyHostOrNull() == null ? "" : decided.onlyHostOrNull())
                    .build();
        }
        if (decision instanceof HostInput.Disobeyed proof) {
            return about(proof.subjectKey(), DISOBEYED, proof.since())
                    .setHostId(proof.hostId())
                    .setProblem(proof.serviceOrNull())
                    .setStartedAt(proof.begun())
                    .build();
        }
        return decision instanceof HostInput.Said said
                ? about(said.subjectKey(), SAID, said.at()).build()
                : about(((HostInput.Lifted) decision).subjectKey(), LIFTED, Instant.EPOCH)
                        .build();
    }

    private static EnforcementReport.Builder about(String subjectKey, String kind, Instant at) {
        return EnforcementReport.newBuilder()
                .setHostId("")
                .setKind(kind)
                .setAt(at)
                .setSubject(subjectKey);
    }

    /** The decision that the record tells of, or the report that it is. */
    static HostInput input(EnforcementReport record) {
        return switch (record.getKind()) {
            case DECIDED ->
                new HostInput.Decided(
                        record.getBlockId(),
                        record.getSubject(),
                        record.getAt(),
                        record.getHostId().isEmpty() ? null : record.getHostId());
            case SAID -> new HostInput.Said(record.getSubject(), record.getAt());
            case DISOBEYED ->
                new HostInput.Disobeyed(
                        record.getHostId(),
                        record.getSubject(),
                        record.getProblem(),
                        record.getAt(),
                        record.getStartedAt() == null ? record.getAt() : record.getStartedAt());
            case LIFTED -> new HostInput.Lifted(record.getSubject());
            default -> new HostInput.Report(record);
        };
    }
}
