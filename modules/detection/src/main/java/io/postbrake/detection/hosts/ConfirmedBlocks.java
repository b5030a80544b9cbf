package io.postbrake.detection.hosts;

import io.postbrake.block.EnforcementReport;
import io.postbrake.state.ConfirmedBlock;
import io.postbrake.state.HostsState;
import java.time.Duration;
import java.time.Instant;

/** Which blocks hosts said to have, and since when, by their own clocks. The newest ones: a host that obeys none is found by these. */
final class ConfirmedBlocks {
    private static final int MOST = 300;

    private ConfirmedBlocks() {}

    /** A host said that it has a block, or why not. Of several hosts the last one counts. */
    static void add(HostsState s, EnforcementReport report) {
        if (report.getProblem() != null) {
            return;
        }
        String key = report.getSubjectType() + ":" + report.getSubject();
        Instant at = report.getWrittenAt() == null ? report.getAt() : report.getWrittenAt();
        for (ConfirmedBlock known : s.getConfirmed()) {
            if (known.getSubject().equals(key) && known.getAt().isAfter(at)) {
                at = known.getAt();
            }
        }
        remove(s, key);
        s.getConfirmed().add(new ConfirmedBlock(key, at));
        if (s.getConfirmed().size() > MOST) {
            s.getConfirmed().remove(0);
        }
    }

    static void remove(HostsState s, String subjectKey) {
        s.getConfirmed().removeIf(known -> known.getSubject().equals(subjectKey));
    }

    /** Whether the subject's block was there, and for longer than {@code margin}, at that time. */
    static boolean since(HostsState s, String subjectKey, Instant time, Duration margin) {
        return s.getConfirmed().stream()
                .anyMatch(known -> known.getSubject().equals(subjectKey)
                        && time.isAfter(known.getAt().plus(margin)));
    }
}
