package io.postbrake.detection.parameter;

import org.jspecify.annotations.Nullable;

/** The sentence about a configuration value that cannot be: its key, the value and what would be right. */
public final class ConfigProblem {
    private ConfigProblem() {}

    public static IllegalArgumentException bad(String key, @Nullable Object value, String right) {
        return new IllegalArgumentException(
                "Configuration key " + key + " has the value '" + value + "'; it must be " + right);
    }
}
