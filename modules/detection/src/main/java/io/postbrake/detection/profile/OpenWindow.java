package io.postbrake.detection.profile;

/**
 * A window that can still change, with the belief it is judged by; see {@link SendingRates} for what the belief is.
 *
 * @param minutes length of the window
 * @param count messages in it
 * @param strange those of them from where the account is not at home
 * @param refused those of them that the host refused
 * @param shape messages beyond the first of the learnt windows, with forgetting
 * @param exposure learnt windows, with forgetting
 * @param square sum of the squares of what {@code shape} sums
 */
public record OpenWindow(
        long minutes, long count, long strange, long refused, double shape, double exposure, double square) {
    /** Messages beyond the first that a person's window of each scale has, as believed in before anything is seen. */
    private static final double[] PRIOR_MEAN = {1.5, 2.5, 6};

    private static final double PRIOR_EXPOSURE = 1;
    /** People's days differ more than chance: variance over mean, believed in as if seen in so many windows. */
    private static final double USUAL_SPREAD = 1.7;

    private static final double ALIKE_WINDOWS = 5;
    /** Variance beyond the mean that is not told apart from chance. */
    private static final double ALMOST_POISSON = 0.01;

    private static final ThreadLocal<NegativeBinomialTails> SUMS = ThreadLocal.withInitial(NegativeBinomialTails::new);
    /** By scale and count, for a person of whom nothing is known; more messages are hardly asked about. */
    private static final double[][] ANYBODYS = anybodys(200);

    /** Messages beyond the first that are usual in a window that is not empty. */
    public double expected() {
        return expected(minutes, shape, exposure);
    }

    /** Probability that a window of this scale that is not empty has as many messages as this one, or more. */
    public double tail() {
        return tail(count);
    }

    /** The same for {@code count} messages and a person of whom nothing is known. */
    public double anybodysTail(long count) {
        int scale = scale(minutes);
        return minutes == SendingRates.MINUTES[scale] && count >= 0 && count < ANYBODYS[scale].length
                ? ANYBODYS[scale][(int) count]
                : new OpenWindow(minutes, count, strange, refused, 0, 0, 0).tail(count);
    }

    /** The same for {@code count} messages. */
    public double tail(long count) {
        double mean = expected();
        double variance = mean * spread();
        if (variance <= mean + mean / (PRIOR_EXPOSURE + exposure)) {
            return tail(count - 1, priorShape(minutes) + shape, PRIOR_EXPOSURE + exposure);
        }
        double fitted = mean * mean / (variance - mean);
        return tail(count - 1, fitted, fitted / mean);
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
        return mean <= 0 ? 0 : tail(messages, mean / over, 1 / over);
    }

    /** Variance over mean of the learnt windows, drawn towards what is usual. */
    private double spread() {
        if (shape <= 0) {
            return USUAL_SPREAD;
        }
        double learnt = (square - shape * shape / exposure) / shape;
        return (learnt * exposure + USUAL_SPREAD * ALIKE_WINDOWS) / (exposure + ALIKE_WINDOWS);
    }

    private static double[][] anybodys(int counts) {
        double[][] tails = new double[SendingRates.MINUTES.length][counts];
        for (int scale = 0; scale < SendingRates.MINUTES.length; scale++) {
            for (int count = 0; count < counts; count++) {
                tails[scale][count] = new OpenWindow(SendingRates.MINUTES[scale], count, 0, 0, 0, 0, 0).tail(count);
            }
        }
        return tails;
    }

    static double expected(long minutes, double shape, double exposure) {
        return (priorShape(minutes) + shape) / (PRIOR_EXPOSURE + exposure);
    }

    private static double priorShape(long minutes) {
        return PRIOR_MEAN[scale(minutes)] * PRIOR_EXPOSURE;
    }

    private static int scale(long minutes) {
        for (int i = 0; i < SendingRates.MINUTES.length; i++) {
            if (SendingRates.MINUTES[i] >= minutes) {
                return i;
            }
        }
        return SendingRates.MINUTES.length - 1;
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
