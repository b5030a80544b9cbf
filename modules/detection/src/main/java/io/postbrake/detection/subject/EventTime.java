package io.postbrake.detection.subject;

import java.time.Duration;
import java.time.Instant;

/** Event time in whole minutes, hours and days since 1970-01-01T00:00:00Z, as profiles count in. */
public final class EventTime {
    /** How far arrivals may be out of order at the most. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private EventTime() {}

    public static long minute(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 60L);
    }

    public static long hour(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 3600L);
    }

    public static long day(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 86_400L);
    }

    /** The minute before which everything has arrived, whatever is still on its way at {@code at}. */
    public static long certain(Instant at) {
        return minute(at.minus(LATE));
    }
}
