package io.postbrake.app;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The YAML that says what the detectors hold against whom: one form for the detector, a single server and replay. */
public final class DetectionFile {

    private static final String SECTION = "detection";

    private DetectionFile() {}

    /**
     * Reads {@code file}: the detection keys themselves, or any of Postbrake's files with a section {@code detection}.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static DetectionConfig read(Path file) throws IOException {
        try {
            return DetectionConfig.of(keys(file));
        } catch (IllegalArgumentException e) {
            throw e.getMessage().contains(file.toString())
                    ? e
                    : new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** The keys of the detection in {@code file}, not checked yet; see {@link #read}. */
    public static Map<String, Object> keys(Path file) throws IOException {
        Settings settings = Settings.read(file);
        return settings.has(SECTION) ? keys(settings, file) : settings.values();
    }

    /**
     * The section {@code detection} of a file's {@code settings}: the keys themselves, or the path of a file that has them,
     * relative to {@code file}; the defaults without any, or when they are wrong.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static DetectionConfig section(Settings settings, Path file) {
        DetectionConfig config = settings.attempt(() -> DetectionConfig.of(keys(settings, file)));
        return config == null ? DetectionConfig.defaults() : config;
    }

    private static Map<String, Object> keys(Settings settings, Path file) {
        Object value = settings.any(SECTION);
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> keys) {
            Map<String, Object> named = new LinkedHashMap<>();
            keys.forEach((k, v) -> named.put(String.valueOf(k), v));
            return named;
        }
        try {
            if (value instanceof String path && !path.isBlank()) {
                Settings other = Settings.read(file.resolveSibling(path));
                return other.any(SECTION) instanceof Map<?, ?> ? keys(other, file) : other.values();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    SECTION + " is '" + value + "': give settings, or the path of a readable YAML file with them", e);
        }
        throw new IllegalArgumentException(
                SECTION + " is '" + value + "': give settings, or the path of a YAML file with them");
    }
}
