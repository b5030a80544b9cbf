package io.postbrake.detection.detector;

import java.util.HashMap;
import java.util.Map;

/**
 * Combines findings into one probability that a subject is abused. Every finding weighs as a log-likelihood ratio in nats:
 * how many times as likely what was seen is for a thief as for the owner. Weights of different families of evidence add up to
 * the prior's log odds, as independent evidence does (Good, Probability and the Weighing of Evidence, 1950). Findings of one
 * family are different looks at the same thing, so only the heaviest of them counts.
 */
public final class Risk {
    private static final double CERTAIN = 1e-9;

    private final double prior;
    private final Map<Family, Double> heaviest = new HashMap<>();

    /** {@code prior} is the probability that an account is being abused before anything is seen of it. */
    public Risk(double prior) {
        this.prior = prior;
    }

    public void add(Family family, double score) {
        heaviest.merge(family, weight(score, prior), Math::max);
    }

    public double probability() {
        if (heaviest.isEmpty()) {
            return 0;
        }
        double sum = 0;
        for (double weight : heaviest.values()) {
            sum += weight;
        }
        return score(sum, prior);
    }

    /** Probability of abuse by evidence of this weight alone. */
    public static double score(double weight, double prior) {
        return 1 / (1 + Math.exp(-weight - logit(prior)));
    }

    /** Weight of the evidence that leads to this probability alone. */
    public static double weight(double score, double prior) {
        return logit(score) - logit(prior);
    }

    private static double logit(double p) {
        double inside = Math.max(CERTAIN, Math.min(1 - CERTAIN, p));
        return Math.log(inside / (1 - inside));
    }
}
