package io.postbrake.detection.hosts;

import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.HostsState;
import io.postbrake.state.PendingBlock;
import io.postbrake.state.WatchedHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Blocks that some host has yet to confirm. */
final class PendingBlocks {
    private static final int MOST = 1000;
    /** Later than that nobody would confirm it: a host tells on catching up what is younger. */
    private static final Duration KEPT = Duration.ofHours(1);
    /** A block that was decided longer ago is published anew for its end alone, which nobody confirms again. */
    private static final Duration NEWS = Duration.ofSeconds(10);

    private PendingBlocks() {}

    static void decided(HostsState s, HostInput.Decided decided) {
        Instant now = s.getLastTickAt() == null ? decided.decidedAt() : s.getLastTickAt();
        Optional<PendingBlock> known = s.getPending().stream()
                .filter(p -> p.getBlockId().equals(decided.blockId()))
                .findFirst();
        if (known.isPresent()) {
            concerns(known.get(), decided.onlyHostOrNull(), now);
            return;
        }
        boolean old = decided.decidedAt().isBefore(now.minus(NEWS));
        if (old || s.getHosts().isEmpty() || s.getPending().size() >= MOST) {
            return; // Many at once are named by their first ones.
        }
        s.getPending()
                .add(new PendingBlock(
                        decided.blockId(), decided.subjectKey(), now, new ArrayList<>(), decided.onlyHostOrNull()));
    }

    /** Other hosts than before have to confirm it: they have their time from now on. */
    private static void concerns(PendingBlock pending, @Nullable String onlyHostOrNull, Instant now) {
        if (!Objects.equals(pending.getOnlyHost(), onlyHostOrNull)) {
            pending.setOnlyHost(onlyHostOrNull);
            pending.setSince(now);
        }
    }

    /** An operator's block takes the place of what the operator said of the subject before. */
    static void said(HostsState s, HostInput.Said said) {
        s.getPending().removeIf(p -> p.getBlockId().startsWith("operator/" + said.subjectKey() + "@"));
        decided(
                s,
                new HostInput.Decided(
                        operators(said.subjectKey(), said.at()),
                        said.subjectKey(),
                        said.at(),
                        SubjectKeys.onlyHostOrNull(said.subjectKey())));
    }

    private static String operators(String subjectKey, Instant at) {
        return "operator/" + subjectKey + "@" + at;
    }

    static void lifted(HostsState s, String subjectKey) {
        s.getPending().removeIf(p -> p.getSubject().equals(subjectKey));
    }

    /** A host said that it has a block, or why it never will. */
    static void confirmed(HostsState s, EnforcementReport report) {
        String id = report.getBlockId() != null
                ? report.getBlockId()
                : operators(report.getSubjectType() + ":" + report.getSubject(), report.getDecidedAt());
        for (PendingBlock pending : s.getPending()) {
            if (pending.getBlockId().equals(id) && !pending.getConfirmedBy().contains(report.getHostId())) {
                List<String> by = new ArrayList<>(pending.getConfirmedBy());
                by.add(report.getHostId());
                pending.setConfirmedBy(by);
            }
        }
    }

    /** Everybody's time begins at {@code now}: the watch itself was away. */
    static void waitAnew(HostsState s, Instant now) {
        s.getPending().forEach(p -> p.setSince(now));
    }

    /** Forgets what every host has confirmed, and what nobody would confirm any more. */
    static void expire(HostsState s, Instant now) {
        s.getPending()
                .removeIf(p -> !now.isBefore(p.getSince().plus(KEPT))
                        || s.getHosts().stream().noneMatch(h -> lacks(h, p)));
    }

    /** What the host has to confirm, the oldest first. */
    static List<PendingBlock> lackedBy(WatchedHost host, HostsState s) {
        return s.getPending().stream().filter(p -> lacks(host, p)).toList();
    }

    private static boolean lacks(WatchedHost host, PendingBlock p) {
        boolean concerned = p.getOnlyHost() == null || p.getOnlyHost().equals(host.getHostId());
        return concerned && !p.getConfirmedBy().contains(host.getHostId());
    }
}
