package io.postbrake.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.postbrake.detection.DetectionConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        Map<String, Object> map = yaml(file);
        return map.containsKey(SECTION) ? keys(map, file) : map;
    }

    /**
     * The section {@code detection} of a file's {@code map}: the keys themselves, or the path of a file that has them, relative
     * to {@code fileOrNull}; the defaults without any.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static DetectionConfig section(Map<String, Object> map, Path fileOrNull) {
        return DetectionConfig.of(keys(map, fileOrNull));
    }

    private static Map<String, Object> keys(Map<String, Object> map, Path fileOrNull) {
        Object value = map.get(SECTION);
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
                Path other = fileOrNull == null ? Path.of(path) : fileOrNull.resolveSibling(path);
                Map<String, Object> named = yaml(other);
                return named.get(SECTION) instanceof Map<?, ?> ? keys(named, null) : named;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    SECTION + " is '" + value + "': give settings, or the path of a readable YAML file with them", e);
        }
        throw new IllegalArgumentException(
                SECTION + " is '" + value + "': give settings, or the path of a YAML file with them");
    }

    /** The map in a YAML file, empty for an empty file; a key that is given twice is refused. */
    public static Map<String, Object> yaml(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("configuration '" + file + "' is no file: give a YAML file");
        }
        var factory = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        byte[] bytes = Files.readAllBytes(file);
        if (new String(bytes, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .allMatch(l -> l.isEmpty() || l.startsWith("#"))) {
            return Map.of();
        }
        try {
            Map<String, Object> map = new ObjectMapper(factory).readValue(bytes, new TypeReference<>() {});
            return map == null ? Map.of() : map;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "configuration '" + file + "' is no YAML map: " + e.getOriginalMessage() + where(e), e);
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    }
}
