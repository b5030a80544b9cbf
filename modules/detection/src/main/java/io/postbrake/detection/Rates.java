package io.postbrake.detection;

import io.postbrake.state.RateScale;
import java.time.Instant;
import java.util.List;

/**
 * Learns an account's own rate at several time scales. Messages beyond the first of a window that is not empty are
 * Poisson with a Gamma belief about the rate, and the belief forgets exponentially (West and Harrison, Bayesian
 * Forecasting and Dynamic Models, 2nd ed. 1997, on discounting). Conditioning on windows that are not empty (the
 * hurdle) lets bursts be normal, and the predictive distribution is negative binomial (Heard, Weston, Platanioti and
 * Hand, Bayesian anomaly detection methods for social networks, Annals of Applied Statistics 4(2), 2010, 645-662).
 */
final class Rates {
    private static final long[] MINUTES = {1, 5, 15, 60};
    private static final double PRIOR_SHAPE = 2;
    private static final double PRIOR_EXPOSURE = 1;

    private Rates() {}

    static void count(List<RateScale> rates, Instant at, long memoryWindows) {
        if (rates.isEmpty()) {
            for (long minutes : MINUTES) {
                rates.add(new RateScale(minutes, 0L, 0L, 0L, 0.0, 0.0));
            }
        }
        double keep = 1 - 1.0 / (memoryWindows + 1);
        for (RateScale rate : rates) {
            long window = window(rate, at);
            if (window > rate.getWindow()) {
                learn(rate, rate.getPrevious(), keep);
                if (window == rate.getWindow() + 1) {
                    rate.setPrevious(rate.getCount());
                } else {
                    learn(rate, rate.getCount(), keep);
                    rate.setPrevious(0);
                }
                rate.setWindow(window);
                rate.setCount(1);
            } else if (window == rate.getWindow()) {
                rate.setCount(rate.getCount() + 1);
            } else if (window == rate.getWindow() - 1) {
                rate.setPrevious(rate.getPrevious() + 1);
            }
        }
    }

    /** A window is learnt at most as thrice what was expected: a theft must not become normal. */
    private static void learn(RateScale rate, long count, double keep) {
        if (count == 0) {
            return;
        }
        double excess = Math.min(count - 1.0, 3 * expected(rate) + 3);
        rate.setShape(rate.getShape() * keep + excess);
        rate.setExposure(rate.getExposure() * keep + 1);
    }

    static double expected(RateScale rate) {
        return (PRIOR_SHAPE + rate.getShape()) / (PRIOR_EXPOSURE + rate.getExposure());
    }

    static long window(RateScale rate, Instant at) {
        return Math.floorDiv(at.getEpochSecond(), rate.getMinutes() * 60);
    }

    /** Probability that a window of this scale that is not empty has as many messages as the open one, or more. */
    static double tail(RateScale rate) {
        return tail(rate.getCount() - 1, PRIOR_SHAPE + rate.getShape(), PRIOR_EXPOSURE + rate.getExposure());
    }

    /** P(X >= n) of the negative binomial that a Gamma(shape, exposure) belief predicts for one window. */
    static double tail(long n, double shape, double exposure) {
        if (n <= 0) {
            return 1;
        }
        double miss = 1 / (1 + exposure);
        double log = shape * Math.log(exposure / (1 + exposure));
        for (long k = 0; k < n; k++) {
            log += Math.log(miss * (shape + k) / (k + 1));
        }
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
