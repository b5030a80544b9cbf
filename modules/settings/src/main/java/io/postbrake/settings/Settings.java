package io.postbrake.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The values of one configuration file or of a section of it. Whatever is wrong throws {@link IllegalArgumentException}
 * naming the key, its value and what would be right; {@link #noOthers} refuses keys that nobody asked for.
 */
public final class Settings {

    private static final ObjectMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    /** All that is said: Jackson's own message would show the file's content, and that may be a secret. */
    private static final String NO_KEYS = "it holds no keys with values";

    private final String prefix;
    private final Map<String, Object> values;
    private final TreeSet<String> asked = new TreeSet<>();

    private Settings(String prefix, Map<String, Object> values) {
        this.prefix = prefix;
        this.values = values;
    }

    /**
     * The map in a YAML file; no keys for an empty one. A key that is given twice is refused.
     *
     * @throws IOException when the file cannot be read
     */
    public static Settings read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("configuration '" + file + "' is no file: give a YAML file");
        }
        try {
            // A file of comments alone is a document without content.
            Object document = YAML.readerFor(Object.class).readValue(Files.readAllBytes(file), Object.class);
            return none(document) ? of(Map.of()) : of(YAML.convertValue(document, new TypeReference<>() {}));
        } catch (com.fasterxml.jackson.databind.exc.MismatchedInputException e) {
            if (e.getMessage().startsWith("No content")) {
                return of(Map.of());
            }
            throw noMap(file, NO_KEYS, null);
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
            throw noMap(file, e.getOriginalMessage() + line, e);
        } catch (IllegalArgumentException e) {
            throw noMap(file, NO_KEYS, null);
        }
    }

    private static IllegalArgumentException noMap(Path file, String why, Exception cause) {
        return new IllegalArgumentException("configuration '" + file + "' is no YAML map: " + why, cause);
    }

    /** Values that are there already. */
    public static Settings of(Map<String, ?> values) {
        return new Settings("", new LinkedHashMap<>(values));
    }

    /** Whether {@code key} has a value. */
    public boolean has(String key) {
        return value(key) != null;
    }

    /** A text that must be there; {@code right} says what to give. */
    public String text(String key, String right) {
        Object value = value(key);
        if (value == null
                || value instanceof Map
                || value instanceof List
                || value.toString().isBlank()) {
            throw wrong(key, value, "give " + right);
        }
        return value.toString();
    }

    /** A text, or {@code fallback}. */
    public String textOr(String key, String fallback) {
        return has(key) ? text(key, "a text") : fallback;
    }

    /** A whole number from {@code least} to {@code most}, or {@code fallback}. */
    public int number(String key, int fallback, int least, int most) {
        Object value = value(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Integer n && n >= least && n <= most) {
            return n;
        }
        throw wrong(key, value, "give a whole number from " + least + " to " + most);
    }

    /** True or false, or {@code fallback}. */
    public boolean flag(String key, boolean fallback) {
        Object value = value(key);
        if (value == null || value instanceof Boolean) {
            return value == null ? fallback : (Boolean) value;
        }
        throw wrong(key, value, "give true or false");
    }

    /** A list of paths, empty when there is none. */
    public List<Path> paths(String key) {
        Object value = value(key);
        if (value == null) {
            return List.of();
        }
        List<Path> paths = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(path -> paths.add(Path.of(String.valueOf(path))));
            return List.copyOf(paths);
        }
        throw wrong(key, value, "give a list of files");
    }

    /** The settings below {@code key}, none when there are none. */
    public Settings section(String key) {
        Object value = value(key);
        Map<String, Object> below = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, each) -> below.put(String.valueOf(name), each));
        } else if (value != null) {
            throw wrong(key, value, "give a map of settings");
        }
        return new Settings(prefix + key + ".", below);
    }

    /** All settings as Kafka takes them: nested names joined by dots, lists by commas. */
    public Map<String, String> strings() {
        Map<String, String> result = new LinkedHashMap<>();
        flatten("", values, result);
        asked.addAll(values.keySet());
        return result;
    }

    private static void flatten(String prefix, Map<?, ?> map, Map<String, String> into) {
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> below) {
                flatten(prefix + key + ".", below, into);
            } else if (value instanceof List<?> list) {
                into.put(prefix + key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
            } else if (!none(value)) {
                into.put(prefix + key, value.toString());
            }
        });
    }

    /** Refuses keys that nobody asked for: a misspelt one must not be taken for its default. */
    public void noOthers() {
        for (String key : values.keySet()) {
            if (!asked.contains(key)) {
                throw new IllegalArgumentException(
                        "unknown key '" + prefix + key + "': known are " + String.join(", ", asked));
            }
        }
    }

    /** A key without a value reads as an empty text. */
    private static boolean none(Object value) {
        return value == null || value.equals("");
    }

    private Object value(String key) {
        asked.add(key);
        Object value = values.get(key);
        return none(value) ? null : value;
    }

    private IllegalArgumentException wrong(String key, Object value, String right) {
        return new IllegalArgumentException(prefix + key + " is '" + value + "': " + right);
    }

    /** Keys only: values may be secrets. */
    @Override
    public String toString() {
        return prefix + values.keySet();
    }
}
