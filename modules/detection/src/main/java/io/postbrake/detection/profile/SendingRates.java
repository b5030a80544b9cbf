package io.postbrake.detection.profile;

import io.postbrake.state.RateScale;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Learns an account's own rate at several time scales. Messages beyond the first of a window that is not empty are
 * Poisson with a Gamma belief about the rate, and the belief forgets exponentially (West and Harrison, Bayesian
 * Forecasting and Dynamic Models, 2nd ed. 1997, on discounting). Conditioning on windows that are not empty (the
 * hurdle) lets bursts be normal, and the predictive distribution is negative binomial (Heard, Weston, Platanioti and
 * Hand, Bayesian anomaly detection methods for social networks, Annals of Applied Statistics 4(2), 2010, 645-662).
 * Windows of machines and of shared accounts differ more than Poisson counts do, so where the learnt second moment says
 * so, the negative binomial is fitted by moments instead (Anscombe, Sampling theory of the negative binomial and
 * logarithmic series distributions, Biometrika 37, 1950, 358-382).
 */
public final class SendingRates {
    static final long[] MINUTES = {5, 60, 1440};
    private static final double FIXED = 10_000;

    private SendingRates() {}

    /** A window's length for people. */
    public static String span(long minutes) {
        return minutes >= 1440 ? "a day" : minutes >= 60 ? "an hour" : minutes + " min";
    }

    /** Messages in a window from which on it is worth a look: fewer are a person typing, however quiet the account was. */
    public static long enough(long minutes) {
        return minutes <= 5 ? 10 : minutes <= 60 ? 20 : 40;
    }

    /**
     * Counts a message.
     *
     * @param normal false for one that must not teach what is usual
     * @param strange whether it comes from where the account is not at home
     */
    static void count(List<RateScale> rates, Instant at, long memoryWindows, boolean normal, boolean strange) {
        if (rates.isEmpty()) {
            for (long minutes : MINUTES) {
                rates.add(RateScale.newBuilder()
                        .setMinutes(minutes)
                        .setWindow(0)
                        .setCount(0)
                        .setPrevious(0)
                        .build());
            }
        }
        double keep = 1 - 1.0 / (memoryWindows + 1);
        long unlearnt = normal ? 0 : 1;
        long foreign = strange ? 1 : 0;
        for (RateScale rate : rates) {
            long window = window(rate, at);
            if (window > rate.getWindow()) {
                open(rate, window, keep);
            }
            if (window == rate.getWindow()) {
                rate.setCount(rate.getCount() + 1);
                rate.setUnlearnt(rate.getUnlearnt() + unlearnt);
                rate.setStrange(rate.getStrange() + foreign);
            } else if (window == rate.getWindow() - 1) {
                rate.setPrevious(rate.getPrevious() + 1);
                rate.setPreviousUnlearnt(rate.getPreviousUnlearnt() + unlearnt);
                rate.setPreviousStrange(rate.getPreviousStrange() + foreign);
            }
        }
    }

    /**
     * Opens a window. The one before stays open to late events: it is learnt when two newer ones are known, and both are
     * judged by what was learnt two windows earlier, so that the order of arrival within a window's length makes no
     * difference.
     */
    private static void open(RateScale rate, long window, double keep) {
        boolean next = window == rate.getWindow() + 1;
        if (next) {
            believeBefore(rate);
        }
        learn(rate, rate.getPrevious() - rate.getPreviousUnlearnt(), keep);
        if (next) {
            rate.setPrevious(rate.getCount());
            rate.setPreviousUnlearnt(rate.getUnlearnt());
            rate.setPreviousStrange(rate.getStrange());
        } else {
            if (window == rate.getWindow() + 2) {
                believeBefore(rate);
            }
            learn(rate, rate.getCount() - rate.getUnlearnt(), keep);
            if (window > rate.getWindow() + 2) {
                believeBefore(rate);
            }
            rate.setPrevious(0);
            rate.setPreviousUnlearnt(0);
            rate.setPreviousStrange(0);
        }
        rate.setWindow(window);
        rate.setCount(0);
        rate.setUnlearnt(0);
        rate.setStrange(0);
    }

    private static void believeBefore(RateScale rate) {
        rate.setExcessBefore(rate.getExcess());
        rate.setWindowsBefore(rate.getWindows());
        rate.setSquaresBefore(rate.getSquares());
    }

    /** A window is learnt at most as thrice what was expected: a theft must not become normal. */
    private static void learn(RateScale rate, long count, double keep) {
        if (count <= 0) {
            return;
        }
        double usual = OpenWindow.expected(rate.getMinutes(), number(rate.getExcess()), number(rate.getWindows()));
        double excess = Math.min(count - 1.0, 3 * usual + 3);
        rate.setExcess(fixed(number(rate.getExcess()) * keep + excess));
        rate.setWindows(fixed(number(rate.getWindows()) * keep + 1));
        rate.setSquares(fixed(number(rate.getSquares()) * keep + excess * excess));
    }

    /** What is learnt is kept in whole ten-thousandths: a few bytes each, where a floating-point number has eight. */
    static double number(long fixed) {
        return fixed / FIXED;
    }

    private static long fixed(double number) {
        return Math.round(number * FIXED);
    }

    /** The windows that a message at {@code at} counts in. */
    public static List<OpenWindow> open(List<RateScale> rates, Instant at) {
        List<OpenWindow> open = new ArrayList<>();
        for (RateScale rate : rates) {
            long window = window(rate, at);
            if (window == rate.getWindow()) {
                open.add(current(rate));
            } else if (window == rate.getWindow() - 1) {
                open.add(previous(rate));
            }
        }
        return open;
    }

    /** The same with what was refused of mail from elsewhere; a window in which nothing else was sent is judged by what is known so far. */
    static List<OpenWindow> open(List<RateScale> rates, Instant at, Refusals refusals) {
        List<OpenWindow> open = new ArrayList<>();
        for (RateScale rate : rates) {
            long window = window(rate, at);
            if (window < rate.getWindow() - 1) {
                continue;
            }
            OpenWindow sent = window == rate.getWindow() ? current(rate) : previous(rate);
            if (window > rate.getWindow()) {
                OpenWindow known = current(rate);
                sent = new OpenWindow(known.minutes(), 0, 0, 0, known.shape(), known.exposure(), known.square());
            }
            long refused = refusals.inWindow(at, sent.minutes());
            open.add(new OpenWindow(
                    sent.minutes(),
                    sent.count() + refused,
                    sent.strange() + refused,
                    refused,
                    sent.shape(),
                    sent.exposure(),
                    sent.square()));
        }
        return open;
    }

    private static OpenWindow current(RateScale rate) {
        return new OpenWindow(
                rate.getMinutes(),
                rate.getCount(),
                rate.getStrange(),
                0,
                number(rate.getExcess()),
                number(rate.getWindows()),
                number(rate.getSquares()));
    }

    private static OpenWindow previous(RateScale rate) {
        return new OpenWindow(
                rate.getMinutes(),
                rate.getPrevious(),
                rate.getPreviousStrange(),
                0,
                number(rate.getExcessBefore()),
                number(rate.getWindowsBefore()),
                number(rate.getSquaresBefore()));
    }

    /** The account's day, as believed in at {@code at}; null when it never sent. */
    static @Nullable OpenWindow day(List<RateScale> rates, Instant at) {
        if (rates.isEmpty()) {
            return null;
        }
        RateScale rate = rates.get(rates.size() - 1);
        return window(rate, at) < rate.getWindow() ? previous(rate) : current(rate);
    }

    private static long window(RateScale rate, Instant at) {
        return Math.floorDiv(at.getEpochSecond(), rate.getMinutes() * 60);
    }
}
