package io.postbrake.detection.brake;

import io.postbrake.detection.config.BrakeConfig;
import io.postbrake.state.HostTally;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Blocks that rest on the evidence of one mail host alone. Each host has a bucket of {@code brake.host.*.most} of them, which
 * fills again evenly within {@code brake.host.within}: whoever took over a host, or may write its log, causes no more on the
 * other hosts, however slowly he goes about it.
 */
final class HostTallies {
    /** A fleet with more hosts that cause blocks forgets those that caused the fewest. */
    private static final int MOST_HOSTS = 500;

    private final SubjectState state;
    private final BrakeConfig.OneHost limit;

    HostTallies(SubjectState state, BrakeConfig.OneHost limit) {
        this.state = state;
        this.limit = limit;
    }

    /** Counts one more; whether the next one would be more than the host may cause on others. */
    boolean usesUp(String host, String kind, Instant now) {
        List<HostTally> tallies = new ArrayList<>(state.getHostTallies());
        HostTally before = tallies.stream()
                .filter(t -> t.getHost().equals(host) && t.getKind().equals(kind))
                .findFirst()
                .orElse(null);
        tallies.remove(before);
        long most = limit.most(kind);
        double used = (before == null ? 0 : left(before, most, now)) + 1;
        // What is beyond the limit did not happen on others, so it is not to be given back either.
        tallies.add(new HostTally(host, kind, Math.min(used, most), now));
        if (tallies.size() > MOST_HOSTS) {
            tallies.remove(tallies.stream()
                    .min(Comparator.comparingDouble(HostTally::getUsed))
                    .orElseThrow());
        }
        state.setHostTallies(tallies);
        return used + 1 > most;
    }

    /** What of a tally is not given back yet. */
    private double left(HostTally tally, long most, Instant now) {
        long passed = Math.max(0, Duration.between(tally.getAt(), now).toMillis());
        return Math.max(
                0, tally.getUsed() - (double) passed * most / limit.within().toMillis());
    }
}
