package io.postbrake.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The values of one configuration file or of a section of it, and the one reader of all of them. Whatever is wrong throws
 * {@link IllegalArgumentException} naming the key, its value and what would be right, at once, or of {@link #collecting
 * collecting} settings all together at {@link #check}. {@link #noOthers} refuses keys that nobody asked for.
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
    private final List<String> problemsOrNull;

    private Settings(String prefix, Map<String, Object> values, List<String> problemsOrNull) {
        this.prefix = prefix;
        this.values = values;
        this.problemsOrNull = problemsOrNull;
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
        return new Settings("", new LinkedHashMap<>(values), null);
    }

    /** The same values, whose problems, those of sections too, are kept until {@link #check}. */
    public Settings collecting() {
        return new Settings(prefix, values, new ArrayList<>());
    }

    /**
     * Ends the reading of {@link #collecting} settings.
     *
     * @throws IllegalArgumentException with a line for each problem
     */
    public void check() {
        if (!problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems()));
        }
    }

    /** What is wrong so far, one sentence each. */
    public List<String> problems() {
        return problemsOrNull == null ? List.of() : List.copyOf(problemsOrNull);
    }

    /** Says that something is wrong, in a sentence that names key, value and what would be right. */
    public void problem(String sentence) {
        problem(new IllegalArgumentException(sentence));
    }

    private void problem(IllegalArgumentException e) {
        if (problemsOrNull == null) {
            throw e;
        }
        e.getMessage().lines().filter(line -> !problemsOrNull.contains(line)).forEach(problemsOrNull::add);
    }

    /** What {@code part} makes of these settings; null when it is wrong, as {@link #problem} says. */
    public <T> T attempt(Supplier<T> part) {
        try {
            return part.get();
        } catch (IllegalArgumentException e) {
            problem(e);
            return null;
        }
    }

    /** Keys that were asked for so far, without those of sections. */
    public Set<String> keys() {
        return Set.copyOf(asked);
    }

    /** Keys that there are. */
    public Set<String> given() {
        return Set.copyOf(values.keySet());
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
            problem(wrong(key, value, "give " + right));
            return "";
        }
        return value.toString();
    }

    /** A text as {@code parser} understands it, or {@code fallback}; {@code right} says what to give. */
    public <T> T parsed(String key, T fallback, Function<String, T> parser, String right) {
        if (!has(key)) {
            return fallback;
        }
        String text = text(key, right);
        try {
            return text.isEmpty() ? fallback : parser.apply(text);
        } catch (IllegalArgumentException | DateTimeException e) {
            problem(wrong(key, text, "give " + right));
            return fallback;
        }
    }

    /** The path of a file or directory, or {@code fallback}. */
    public Path path(String key, Path fallback) {
        return parsed(key, fallback, Path::of, "a path");
    }

    /** An address of this machine, loopback by default. */
    public InetAddress address(String key) {
        Object value = value(key);
        try {
            return value == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(value.toString());
        } catch (UnknownHostException e) {
            problem(wrong(key, value, "give an address of this machine"));
            return InetAddress.getLoopbackAddress();
        }
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
        problem(wrong(key, value, "give a whole number from " + least + " to " + most));
        return fallback;
    }

    /** True or false, or {@code fallback}. */
    public boolean flag(String key, boolean fallback) {
        Object value = value(key);
        if (value == null || value instanceof Boolean) {
            return value == null ? fallback : (Boolean) value;
        }
        problem(wrong(key, value, "give true or false"));
        return fallback;
    }

    /** A list of texts, empty when there is none; {@code right} says what to give. */
    public List<String> texts(String key, String right) {
        Object value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().noneMatch(each -> each instanceof Map || none(each))) {
            return list.stream().map(String::valueOf).toList();
        }
        problem(wrong(key, value, "give " + right));
        return List.of();
    }

    /** The same, where one text need not stand in a list. */
    public List<String> oneOrMore(String key, String right) {
        Object value = value(key);
        return value == null || value instanceof List || value instanceof Map
                ? texts(key, right)
                : List.of(value.toString());
    }

    /** A list of paths, empty when there is none. */
    public List<Path> paths(String key) {
        return texts(key, "a list of files").stream().map(Path::of).toList();
    }

    /** The settings below {@code key}, none when there are none. */
    public Settings section(String key) {
        Object value = value(key);
        Map<String, Object> below = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, each) -> below.put(String.valueOf(name), each));
        } else if (value != null) {
            // What was meant as one of them may be a secret.
            problem(new IllegalArgumentException(prefix + key + " is " + (value instanceof List ? "a list" : "a text")
                    + ": give a map of settings"));
        }
        return new Settings(prefix + key + ".", below, problemsOrNull);
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
                problem("unknown key '" + prefix + key + "': " + Nearest.hint(key, asked) + "known are "
                        + String.join(", ", asked));
            }
        }
    }

    /** The value of a key, whatever it is; null when there is none. */
    public Object any(String key) {
        return value(key);
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

    /** All settings as they were given. */
    public Map<String, Object> values() {
        asked.addAll(values.keySet());
        return new LinkedHashMap<>(values);
    }

    /** Keys only: values may be secrets. */
    @Override
    public String toString() {
        return prefix + values.keySet();
    }
}
