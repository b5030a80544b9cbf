package io.postbrake.detection.detector;

import java.util.Locale;

/** Numbers as {@link String#format} writes them, at a tenth of its cost: an account over its limits has some a message. */
final class NumberFormats {
    private static final double MOST = 1e6;
    /** So near to the middle between two results only the exact decimal tells which it is. */
    private static final double MIDDLE = 1e-6;

    private static final double LEAST_CHANCE = 1e-290;

    private NumberFormats() {}

    /** As {@code %.0f} does. */
    static String whole(double value) {
        // A half is written without error, so that it is known to be one: it goes up.
        long rounded = value - Math.floor(value) == 0.5 ? rounded(value + 0.5) : rounded(value);
        return rounded < 0 ? String.format(Locale.ROOT, "%.0f", value) : Long.toString(rounded);
    }

    /** As {@code %.1f} does. */
    static String tenths(double value) {
        long rounded = rounded(value * 10);
        return rounded < 0 ? String.format(Locale.ROOT, "%.1f", value) : rounded / 10 + "." + rounded % 10;
    }

    /** A probability as {@code %.0e} does. */
    static String chance(double value) {
        if (value > LEAST_CHANCE && value < 1) {
            int exponent = (int) Math.floor(Math.log10(value));
            double digit = value / Math.pow(10, exponent);
            long rounded = rounded(digit);
            if (rounded >= 1 && rounded <= 9 && digit > 1 + MIDDLE) {
                return rounded + (exponent > -10 ? "e-0" : "e-") + -exponent;
            }
        }
        return value == 0 ? "0e+00" : String.format(Locale.ROOT, "%.0e", value);
    }

    /** The nearest whole number; -1 when that is not certain, or the value no usual one. */
    private static long rounded(double value) {
        if (!(value >= 0 && value < MOST)) {
            return -1;
        }
        long below = (long) value;
        double over = value - below;
        return Math.abs(over - 0.5) < MIDDLE ? -1 : over > 0.5 ? below + 1 : below;
    }
}
