package io.postbrake.postfixsource;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether one log still says something of Postfix: a log that is not there, that is another program's, whose lines nobody
 * understands or whose stamps are in another zone looks just like a quiet mail server otherwise.
 */
final class LogHealth {

    /** What may be wrong. */
    enum Kind {
        UNREADABLE,
        SILENT,
        NOT_UNDERSTOOD,
        STAMPS
    }

    /**
     * Something that is wrong.
     *
     * @param kind what
     * @param sentence for people; holds nothing that was read
     */
    record Problem(Kind kind, String sentence) {}

    private static final Duration QUIET = Duration.ofHours(1);
    /** Fewer lines say nothing about a share. */
    private static final int LEAST_NAMED = 20;
    /** So many lines weigh, older ones less and less. */
    private static final double MEMORY = 1000;

    private static final double TOLERATED_SHARE = 0.2;

    private final String log;
    private final ZoneId zone;
    private final StampWatch stamps = new StampWatch();
    private String unreadable;
    private Instant postfixAt;
    private Instant othersAt;
    private double named;
    private double notUnderstood;
    private long newestStamp = Long.MIN_VALUE;
    private long newestReadAt;

    /** {@code zone} is the one that stamps without one are read with; null when all have one. */
    LogHealth(String log, ZoneId zone, Instant startedAt) {
        this.log = log;
        this.zone = zone;
        this.postfixAt = startedAt;
    }

    /** It cannot be read, and why; null when it can. */
    synchronized void unreadable(String why) {
        unreadable = why;
    }

    /**
     * A line was read.
     *
     * @param postfix whether it is Postfix's by its name
     * @param understood whether it was understood
     * @param stamp what it says, in milliseconds of the epoch, {@link Long#MIN_VALUE} for nothing
     * @return whether it is worth keeping as a sample of what is not understood
     */
    synchronized boolean line(boolean postfix, boolean understood, long stamp, Instant readAt) {
        newestStamp = stamp;
        newestReadAt = readAt.toEpochMilli();
        if (!postfix) {
            othersAt = readAt;
            return false;
        }
        if (named >= MEMORY) {
            named /= 2;
            notUnderstood /= 2;
        }
        named++;
        if (understood) {
            postfixAt = readAt;
            return false;
        }
        othersAt = readAt;
        notUnderstood++;
        return named >= LEAST_NAMED && notUnderstood > TOLERATED_SHARE * named;
    }

    /** All that there is was read, so that the newest line is as new as the clock. */
    synchronized void caughtUp() {
        if (newestStamp != Long.MIN_VALUE) {
            stamps.newest(newestStamp, newestReadAt);
            newestStamp = Long.MIN_VALUE;
        }
    }

    /** Steady lag of its stamps in seconds, negative when they are ahead; 0 when all is well. */
    synchronized long lagSeconds() {
        return stamps.lag() / 1000;
    }

    synchronized List<Problem> problems(Instant now) {
        List<Problem> result = new ArrayList<>();
        if (unreadable != null) {
            result.add(new Problem(Kind.UNREADABLE, unreadable));
        }
        boolean share = named >= LEAST_NAMED && notUnderstood > TOLERATED_SHARE * named;
        if (share) {
            result.add(new Problem(
                    Kind.NOT_UNDERSTOOD,
                    log + ": " + Math.round(100 * notUnderstood / named)
                            + " % of the lines that name postfix are not understood"));
        }
        boolean written = othersAt != null && Duration.between(othersAt, now).compareTo(QUIET) < 0;
        if (!share && written && Duration.between(postfixAt, now).compareTo(QUIET) >= 0) {
            result.add(new Problem(
                    Kind.SILENT,
                    log + " is written to, but has had no line of Postfix for "
                            + Duration.between(postfixAt, now).toMinutes() + " minutes: is it the right log?"));
        }
        if (stamps.lag() != 0) {
            result.add(new Problem(Kind.STAMPS, log + ": " + stampsAreOff(now)));
        }
        return result;
    }

    private String stampsAreOff(Instant now) {
        String distance = "stamps are " + text(Math.abs(stamps.lag())) + (stamps.lag() > 0 ? " behind" : " ahead of")
                + " the clock of this machine";
        ZoneOffset readWith = zone == null ? null : zone.getRules().getOffset(now);
        ZoneOffset fitting = readWith == null || stamps.zones() == 0 ? null : stamps.fitting(readWith);
        if (fitting == null) {
            return distance + ", steadily: the clock of whoever writes them is wrong, or this one";
        }
        String name = fitting.equals(ZoneOffset.UTC) ? "UTC" : fitting.getId();
        return distance + ", steadily: they are read as " + zone.getId() + " (" + readWith + "), and log.zone " + name
                + " would fit";
    }

    private static String text(long millis) {
        Duration lag = Duration.ofMillis(millis).plusSeconds(30);
        return lag.toHours() == 0
                ? lag.toMinutes() + " min"
                : lag.toHours() + " h" + (lag.toMinutesPart() == 0 ? "" : " " + lag.toMinutesPart() + " min");
    }
}
