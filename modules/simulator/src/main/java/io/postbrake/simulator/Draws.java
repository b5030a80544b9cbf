package io.postbrake.simulator;

import java.util.SplittableRandom;

/** Random draws that a {@link SplittableRandom} does not offer in Java 17. */
final class Draws {
    private Draws() {}

    static int poisson(SplittableRandom r, double mean) {
        if (mean > 30) {
            return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(r)));
        }
        double limit = Math.exp(-mean);
        double product = r.nextDouble();
        int n = 0;
        while (product > limit) {
            product *= r.nextDouble();
            n++;
        }
        return n;
    }

    static double logNormal(SplittableRandom r, double mu, double sigma) {
        return Math.exp(mu + sigma * normal(r));
    }

    /** Box and Muller's method. */
    static double normal(SplittableRandom r) {
        return Math.sqrt(-2 * Math.log(1 - r.nextDouble())) * Math.cos(2 * Math.PI * r.nextDouble());
    }

    static boolean chance(SplittableRandom r, double probability) {
        return r.nextDouble() < probability;
    }

    static double between(SplittableRandom r, double low, double high) {
        return low + (high - low) * r.nextDouble();
    }

    /** How many of {@code n} recipients bounce. */
    static int binomial(SplittableRandom r, int n, double probability) {
        int hits = 0;
        for (int i = 0; i < n; i++) {
            hits += chance(r, probability) ? 1 : 0;
        }
        return hits;
    }
}
