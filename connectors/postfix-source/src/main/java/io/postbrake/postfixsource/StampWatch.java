package io.postbrake.postfixsource;

import java.time.Duration;
import java.time.ZoneOffset;

/**
 * Whether the stamps of a log's newest lines keep a steady distance from the clock that they are read by. A log that is caught
 * up with does not: its stamps run ahead of the clock. Times are milliseconds of the epoch.
 */
final class StampWatch {

    /** So much may be between writing a line and reading it, or between two hosts' clocks. */
    static final long TOLERATED = Duration.ofMinutes(2).toMillis();

    private static final long QUARTER = Duration.ofMinutes(15).toMillis();
    /** No zone is further from another. */
    private static final long WIDEST = Duration.ofHours(26).toMillis();
    /** Stamps have whole seconds, and a line may wait for its reader. */
    private static final long JITTER = 3000;

    private static final int LEAST_LOOKS = 4;
    private static final long LEAST_SPAN = 2000;

    private long firstReadAt;
    private long least;
    private long most;
    private int looks;
    private long lag;

    /** The newest line that there is was read at {@code readAt} and says {@code stamp}. */
    void newest(long stamp, long readAt) {
        long now = readAt - stamp;
        boolean goesOn = looks > 0 && Math.max(most, now) - Math.min(least, now) <= JITTER;
        if (!goesOn) {
            firstReadAt = readAt;
            least = now;
            most = now;
            looks = 1;
            return;
        }
        least = Math.min(least, now);
        most = Math.max(most, now);
        looks++;
        if (looks >= LEAST_LOOKS && readAt - firstReadAt >= LEAST_SPAN) {
            lag = Math.abs(least) < TOLERATED ? 0 : least;
        }
    }

    /** Steady lag of the stamps behind the clock in milliseconds, negative when they are ahead; 0 when all is well. */
    long lag() {
        return lag;
    }

    /** The same rounded to quarter hours, when zones differ by so much; 0 when it is no zone that is wrong. */
    long zones() {
        long quarters = Math.round((double) lag / QUARTER);
        boolean near = Math.abs(lag - quarters * QUARTER) <= TOLERATED && Math.abs(lag) < WIDEST;
        return near ? quarters * QUARTER : 0;
    }

    /** The offset in which the stamps would be right, given the one that they were read with; null when there is none. */
    ZoneOffset fitting(ZoneOffset readWith) {
        long seconds = readWith.getTotalSeconds() - zones() / 1000;
        return Math.abs(seconds) > ZoneOffset.MAX.getTotalSeconds() ? null : ZoneOffset.ofTotalSeconds((int) seconds);
    }
}
