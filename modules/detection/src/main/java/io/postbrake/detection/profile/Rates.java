package io.postbrake.detection.profile;

import io.postbrake.state.RateScale;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
public final class Rates {
    private static final long[] MINUTES = {5, 60, 1440};
    /** Messages beyond the first that a person's window of each scale has, as believed in before anything is seen. */
    private static final double[] PRIOR_MEAN = {1.5, 2.5, 6};

    private static final double PRIOR_EXPOSURE = 1;
    private static final double FIXED = 10_000;
    /** People's days differ more than chance: variance over mean, believed in as if seen in so many windows. */
    private static final double USUAL_SPREAD = 1.7;

    private static final double ALIKE_WINDOWS = 5;
    /** Variance beyond the mean that is not told apart from chance. */
    private static final double ALMOST_POISSON = 0.01;

    private static final ThreadLocal<LogSums> SUMS = ThreadLocal.withInitial(LogSums::new);
    /** By scale and count, for a person of whom nothing is known; more messages are hardly asked about. */
    private static final double[][] ANYBODYS = anybodys(200);

    private Rates() {}

    /** A window's length for people. */
    public static String span(long minutes) {
        return minutes >= 1440 ? "a day" : minutes >= 60 ? "an hour" : minutes + " min";
    }

    /** Messages in a window from which on it is worth a look: fewer are a person typing, however quiet the account was. */
    public static long enough(long minutes) {
        return minutes <= 5 ? 10 : minutes <= 60 ? 20 : 40;
    }

    private static double[][] anybodys(int counts) {
        double[][] tails = new double[MINUTES.length][counts];
        for (int scale = 0; scale < MINUTES.length; scale++) {
            for (int count = 0; count < counts; count++) {
                tails[scale][count] = new Open(MINUTES[scale], count, 0, 0, 0, 0).tail(count);
            }
        }
        return tails;
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
        double usual = expected(rate.getMinutes(), number(rate.getExcess()), number(rate.getWindows()));
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

    private static double expected(long minutes, double shape, double exposure) {
        return (priorShape(minutes) + shape) / (PRIOR_EXPOSURE + exposure);
    }

    private static double priorShape(long minutes) {
        return PRIOR_MEAN[scale(minutes)] * PRIOR_EXPOSURE;
    }

    private static int scale(long minutes) {
        for (int i = 0; i < MINUTES.length; i++) {
            if (MINUTES[i] >= minutes) {
                return i;
            }
        }
        return MINUTES.length - 1;
    }

    /** A window that can still change, with the belief it is judged by. */
    public record Open(long minutes, long count, long strange, double shape, double exposure, double square) {

        /** Messages beyond the first that are usual in a window that is not empty. */
        public double expected() {
            return Rates.expected(minutes, shape, exposure);
        }

        /** Probability that a window of this scale that is not empty has as many messages as this one, or more. */
        public double tail() {
            return tail(count);
        }

        /** The same for {@code count} messages and a person of whom nothing is known. */
        public double anybodysTail(long count) {
            int scale = scale(minutes);
            return minutes == MINUTES[scale] && count >= 0 && count < ANYBODYS[scale].length
                    ? ANYBODYS[scale][(int) count]
                    : new Open(minutes, count, strange, 0, 0, 0).tail(count);
        }

        /** The same for {@code count} messages. */
        public double tail(long count) {
            double mean = expected();
            double variance = mean * spread();
            if (variance <= mean + mean / (PRIOR_EXPOSURE + exposure)) {
                return Rates.tail(count - 1, priorShape(minutes) + shape, PRIOR_EXPOSURE + exposure);
            }
            double fitted = mean * mean / (variance - mean);
            return Rates.tail(count - 1, fitted, fitted / mean);
        }

        /** Probability that nothing comes in a {@code share} of such a window, in which something comes in the end. */
        double nothing(double share) {
            double over = Math.max(ALMOST_POISSON, spread() - 1);
            return Math.exp(-(1 + expected()) * share * Math.log1p(over) / over);
        }

        /** Probability that {@code messages} or more come in a {@code share} of such a window. */
        double tail(double share, long messages) {
            double mean = (1 + expected()) * share;
            double over = Math.max(ALMOST_POISSON, spread() - 1);
            return mean <= 0 ? 0 : Rates.tail(messages, mean / over, 1 / over);
        }

        /** Variance over mean of the learnt windows, drawn towards what is usual. */
        private double spread() {
            if (shape <= 0) {
                return USUAL_SPREAD;
            }
            double learnt = (square - shape * shape / exposure) / shape;
            return (learnt * exposure + USUAL_SPREAD * ALIKE_WINDOWS) / (exposure + ALIKE_WINDOWS);
        }
    }

    /** The windows that a message at {@code at} counts in. */
    public static List<Open> open(List<RateScale> rates, Instant at) {
        List<Open> open = new ArrayList<>();
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
    static List<Open> open(List<RateScale> rates, Instant at, Refusals refusals) {
        List<Open> open = new ArrayList<>();
        for (RateScale rate : rates) {
            long window = window(rate, at);
            if (window < rate.getWindow() - 1) {
                continue;
            }
            Open sent = window == rate.getWindow() ? current(rate) : previous(rate);
            if (window > rate.getWindow()) {
                Open known = current(rate);
                sent = new Open(known.minutes(), 0, 0, known.shape(), known.exposure(), known.square());
            }
            long refused = refusals.inWindow(at, sent.minutes());
            open.add(new Open(
                    sent.minutes(),
                    sent.count() + refused,
                    sent.strange() + refused,
                    sent.shape(),
                    sent.exposure(),
                    sent.square()));
        }
        return open;
    }

    private static Open current(RateScale rate) {
        return new Open(
                rate.getMinutes(),
                rate.getCount(),
                rate.getStrange(),
                number(rate.getExcess()),
                number(rate.getWindows()),
                number(rate.getSquares()));
    }

    private static Open previous(RateScale rate) {
        return new Open(
                rate.getMinutes(),
                rate.getPrevious(),
                rate.getPreviousStrange(),
                number(rate.getExcessBefore()),
                number(rate.getWindowsBefore()),
                number(rate.getSquaresBefore()));
    }

    /** The account's day, as believed in at {@code at}; null when it never sent. */
    static Open day(List<RateScale> rates, Instant at) {
        if (rates.isEmpty()) {
            return null;
        }
        RateScale rate = rates.get(rates.size() - 1);
        return window(rate, at) < rate.getWindow() ? previous(rate) : current(rate);
    }

    private static long window(RateScale rate, Instant at) {
        return Math.floorDiv(at.getEpochSecond(), rate.getMinutes() * 60);
    }

    /** P(X >= n) of the negative binomial that a Gamma(shape, exposure) belief predicts for one window. */
    public static double tail(long n, double shape, double exposure) {
        if (n <= 0) {
            return 1;
        }
        double miss = 1 / (1 + exposure);
        double log = SUMS.get().logMass(n, shape, exposure);
        // Sum upwards from n: no cancellation, however small the tail.
        double sum = 0;
        double term = 1;
        for (long k = n; k < n + 100_000; k++) {
            sum += term;
            term *= miss * (shape + k) / (k + 1);
            if (term < sum * 1e-12 && miss * (shape + k + 1) / (k + 2) < 1) {
                break;
            }
        }
        return Math.min(1, Math.exp(log + Math.log(sum)));
    }
}
