package io.postbrake.detection.profile;

/**
 * Sums of logarithms of the negative binomial's terms, gone on with from where they were left: within a window a count grows
 * by one a message, and its belief stays. The terms are added in the same order, so that a sum is the same as one begun anew.
 * Not for several threads.
 */
final class NegativeBinomialTails {
    private static final int PLACES = 512;
    /** Two counts of one window are asked about in turn: all messages, and those from elsewhere. */
    private static final int WAYS = 2;

    private final double[] shapes = new double[PLACES * WAYS];
    private final double[] exposures = new double[PLACES * WAYS];
    private final long[] counts = new long[PLACES * WAYS];
    private final double[] sums = new double[PLACES * WAYS];

    /** log P(X = n) of the negative binomial that a Gamma(shape, exposure) belief predicts, for n above 0. */
    double logMass(long n, double shape, double exposure) {
        int way = way(n, shape, exposure);
        double miss = 1 / (1 + exposure);
        if (counts[way] == 0) {
            shapes[way] = shape;
            exposures[way] = exposure;
            sums[way] = shape * Math.log(exposure / (1 + exposure));
        }
        double log = sums[way];
        for (long k = counts[way]; k < n; k++) {
            log += Math.log(miss * (shape + k) / (k + 1));
        }
        counts[way] = n;
        sums[way] = log;
        return log;
    }

    /** Where the longest sum is that can be gone on with, or else one that is given up. */
    private int way(long n, double shape, double exposure) {
        long hash =
                (Double.doubleToRawLongBits(shape) * 31 + Double.doubleToRawLongBits(exposure)) * 0x9E3779B97F4A7C15L;
        int first = (int) (hash >>> 55) * WAYS;
        int best = -1;
        int worst = first;
        for (int i = first; i < first + WAYS; i++) {
            boolean same = shapes[i] == shape && exposures[i] == exposure;
            if (same && counts[i] <= n && (best < 0 || counts[i] > counts[best])) {
                best = i;
            }
            if (!same || counts[i] > n) {
                worst = i;
            }
        }
        if (best >= 0) {
            return best;
        }
        counts[worst] = 0;
        return worst;
    }
}
