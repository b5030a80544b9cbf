package io.postbrake.policysink;

import java.time.Duration;
import java.time.Instant;

/**
 * When a host says how it is: every so often, and soon after its tables changed, or its number of blocks would be behind what it
 * said of each of them. Many changes at once are one report.
 */
final class ReportTurns {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Duration interval;
    private Instant last = Instant.EPOCH;
    private boolean changed;

    ReportTurns(Duration interval) {
        this.interval = interval;
    }

    /** The tables are others than the last report said. */
    void changed() {
        changed = true;
    }

    /** Whatever was said last, it is to be said anew. */
    void atOnce() {
        last = Instant.EPOCH;
    }

    /** Whether it is time to report; if so, it counts as done. A clock that was set back must not silence the host. */
    boolean take(Instant now) {
        boolean due = !now.isBefore(last.plus(changed ? SOON : interval)) || now.isBefore(last);
        if (due) {
            last = now;
            changed = false;
        }
        return due;
    }
}
