package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.state.Bucket;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;

/**
 * How long nothing has come from where the account is at home. Owners who travel and applications that move take their mail
 * with them; a thief sends beside the owner. The weight is the logarithm of how likely the silence is while the owner goes on
 * at home: that the day is one without mail, or that none of a usual day's has come yet, with negative binomial counts and
 * the account's own hours (a hurdle model: Mullahy, Specification and testing of some modified count data models, Journal of
 * Econometrics 33, 1986).
 */
public final class HomeInactivity {
    private static final long DAY_MINUTES = 1440;
    private static final long QUARTER_MINUTES = DAY_MINUTES / 4;
    private static final long DAY = 86_400;
    /** Share of the owners on their way of whom nothing comes from home either, as by telephone. */
    private static final double TAKEN_ALONG = 0.7;

    private static final double MOST = 3;
    /** A count that so few days exceed is no surprise. */
    private static final double BELIEVABLE = 0.05;

    private final SubjectState state;
    private final SendingHabits habits;

    public HomeInactivity(SubjectState state, SendingHabits habits) {
        this.state = state;
        this.habits = habits;
    }

    /** In nats, from 0 on: so much less likely is the silence if the owner is at home. */
    public double weight(Instant at) {
        OpenWindow day = SendingRates.day(state.getRates(), at);
        if (day == null || state.getFirstSeenAt() == null) {
            return 0;
        }
        double nothing = day.nothing(missing(at));
        double off = daysOff(at);
        double likely = off + (1 - off) * nothing;
        return Math.max(0, Math.min(MOST, Math.log(TAKEN_ALONG / likely)));
    }

    /** Whether as many messages are no more than what did not come from home meanwhile, as when an application fails over. */
    boolean explains(long messages, Instant at) {
        OpenWindow day = SendingRates.day(state.getRates(), at);
        return day != null && day.tail(missing(at), messages) >= BELIEVABLE;
    }

    /** Share of a day's mail that usually comes in the time since the last sign from home, of a day at most. */
    private double missing(Instant at) {
        long now = EventTime.certain(at);
        return habits.share(Math.max(now - DAY_MINUTES, newest(now)), now, QUARTER_MINUTES);
    }

    /** Share of days without mail, believed in as if one of two more had been (Laplace's rule of succession). */
    private double daysOff(Instant at) {
        long days = Math.floorDiv(at.getEpochSecond(), DAY)
                - Math.floorDiv(state.getFirstSeenAt().getEpochSecond(), DAY);
        long active = SourceNetworks.daysBefore(at, state.getActiveDays(), state.getNewestDay(), state.getDayBefore());
        return (Math.max(0, days - active) + 1.0) / (Math.max(days, active) + 2.0);
    }

    /** Minute of the newest try from home, of those that are known whatever is still under way. */
    private long newest(long now) {
        long newest = state.getSpentUntil() == null ? 0 : EventTime.minute(state.getSpentUntil());
        newest = Math.max(newest, last(state.getMinutes(), now - 1));
        // The end of the hour, as it is not known when in it.
        long hours = Math.floorDiv(now, 60) - 1;
        return Math.max(newest, 60 * (last(state.getHours(), hours) + 1));
    }

    private static long last(List<Bucket> buckets, long upTo) {
        for (int i = buckets.size() - 1; i >= 0; i--) {
            Bucket b = buckets.get(i);
            if (b.getIndex() <= upTo && b.getHome() > 0) {
                return b.getIndex();
            }
        }
        return -1;
    }
}
