package io.postbrake.detection.config;

import java.time.Duration;
import java.util.List;

/** The sentence about a configuration value that cannot be: its key, the value and what would be right. */
public final class ConfigProblem {
    private ConfigProblem() {}

    public static IllegalArgumentException bad(String key, Object value, String right) {
        return new IllegalArgumentException(
                "Configuration key " + key + " has the value '" + value + "'; it must be " + right);
    }

    static void atLeastOne(List<String> wrong, String key, long value) {
        if (value < 1) {
            wrong.add(bad(key, value, "a whole number of at least 1").getMessage());
        }
    }

    static void inside(List<String> wrong, String key, double value, double above, double upTo) {
        if (!(value > above && value <= upTo)) {
            wrong.add(bad(key, value, "above " + above + " and at most " + upTo).getMessage());
        }
    }

    static void factor(List<String> wrong, String key, double value) {
        if (!(value >= 1 && value <= 1e6)) {
            wrong.add(bad(key, value, "a number of at least 1").getMessage());
        }
    }

    static void positive(List<String> wrong, String key, Duration value) {
        if (value.isZero() || value.isNegative()) {
            wrong.add(bad(key, value, "longer than nothing, such as 1h").getMessage());
        }
    }
}
