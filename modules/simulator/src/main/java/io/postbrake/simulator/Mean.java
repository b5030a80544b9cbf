package io.postbrake.simulator;

import java.util.Arrays;

/**
 * A mean with its 95 % confidence interval by Student's t.
 *
 * @param halfWidth of the interval; not a number for fewer than two samples
 */
record Mean(double mean, double halfWidth) {

    /** 97.5 % quantiles for 1 to 30 degrees of freedom. */
    private static final double[] T = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    static Mean of(double... samples) {
        double mean = Arrays.stream(samples).average().orElse(Double.NaN);
        int freedom = samples.length - 1;
        if (freedom < 1) {
            return new Mean(mean, Double.NaN);
        }
        double squares =
                Arrays.stream(samples).map(x -> (x - mean) * (x - mean)).sum();
        double t = T[Math.min(freedom, T.length) - 1];
        return new Mean(mean, t * Math.sqrt(squares / freedom / samples.length));
    }
}
