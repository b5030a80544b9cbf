package io.postbrake.detection.detector;

import io.postbrake.detection.profile.OpenWindow;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Much mail from where the account is at home that leaves one by one: neither as fast as a program sends a circular, which is over in minutes,
 * nor as slowly as a person writes. So sends who has the owner's machine or network, and stays below limits on bursts. Never by itself: some
 * programs are told not to hurry.
 */
record EvenPace() implements Detector {
    /** Messages of an hour: a person writes twenty. And more than on a usual day. */
    private static final long ENOUGH = 24;
    /** As many times what is usual in an hour with mail. */
    private static final double BUSY = 4;
    /** Messages of the five minutes in which it happens. */
    private static final long GOES_ON = 3;
    /** These are a quarter of the hour's at most: a circular's are nearly all; and a sixteenth at least: a circular may be over. */
    private static final double MOST_SHARE = 0.25;

    private static final double LEAST_SHARE = 1.0 / 16;
    /** Seconds for each message: programs send circulars faster. */
    private static final long UNHURRIED = 8;

    private static final long FIVE_MINUTES = 300;
    private static final long QUARTER_OF_A_DAY = 21_600;
    /** In nats: a quarter of the day with so little mail is somebody's night. Machines send around the clock. */
    private static final double NIGHT = 2.5;
    /** In nats. Assumed: two thirds of thieves at home send so, and one owner in twenty of those who send much at once. */
    private static final double WEIGHT = 2.5;

    @Override
    public String id() {
        return "even-pace";
    }

    @Override
    public boolean describesBatch() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean concerns = profile.account() && seen.phase() == Phase.ACCEPTED && !seen.abroad() && !seen.shared();
        if (!concerns || !profile.experienced()) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        List<OpenWindow> windows = profile.rates(at);
        OpenWindow now = of(windows, 5);
        OpenWindow hour = of(windows, 60);
        if (now == null
                || hour == null
                || hour.count() < profile.usualPerDay()
                || !even(now.count(), hour, at)
                || !sleeps(profile, at)) {
            return Optional.empty();
        }
        String title = hour.count() + " messages in an hour from home, one by one, the last " + now.count()
                + " within five minutes, usual are about " + NumberFormats.tenths(1 + hour.expected());
        // Thieves' lists are old: mail that arrives is taken off.
        double weight = WEIGHT + profile.habits().delivered(at);
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, hour.count(), 1 + hour.expected()));
    }

    private static boolean even(long now, OpenWindow hour, Instant at) {
        long begun = Math.floorMod(at.getEpochSecond(), FIVE_MINUTES);
        return hour.count() >= Math.max(ENOUGH, BUSY * (1 + hour.expected()))
                && now >= Math.max(GOES_ON, LEAST_SHARE * hour.count())
                && now <= MOST_SHARE * hour.count()
                && begun >= UNHURRIED * now;
    }

    private static boolean sleeps(Profile profile, Instant at) {
        for (int quarter = 0; quarter < 4; quarter++) {
            if (profile.habits().oddHour(at.minusSeconds(quarter * QUARTER_OF_A_DAY)) >= NIGHT) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable OpenWindow of(List<OpenWindow> windows, long minutes) {
        for (OpenWindow window : windows) {
            if (window.minutes() == minutes) {
                return window;
            }
        }
        return null;
    }
}
