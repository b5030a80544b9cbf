package io.postbrake.detection.parameter;

import io.postbrake.settings.Durations;
import io.postbrake.settings.Nearest;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values of a configuration by their keys, each read with its default and what is right for it. What is wrong is kept
 * until {@link #refuse}, so that whoever mends a file mends it once. Not for several threads.
 */
public final class Parameters {
    private final Map<String, Object> flat;
    private final Map<String, String> known = new TreeMap<>();
    /** A key that two detectors read is wrong once. */
    private final Set<String> wrong = new LinkedHashSet<>();

    private Parameters(Map<String, Object> flat) {
        this.flat = flat;
    }

    /**
     * Values under nested or dotted keys.
     *
     * @throws IllegalArgumentException naming a key that is given twice
     */
    public static Parameters of(Map<String, ?> yaml) {
        return new Parameters(flat(yaml));
    }

    /** Nested keys as dotted ones. Values stay as they are. */
    public static Map<String, Object> flat(Map<String, ?> yaml) {
        Map<String, Object> flat = new LinkedHashMap<>();
        flatten("", yaml, flat);
        return flat;
    }

    private static void flatten(String prefix, Map<?, ?> nested, Map<String, Object> flat) {
        nested.forEach((key, value) -> {
            String name = prefix + key;
            if (value instanceof Map<?, ?> inner) {
                flatten(name + ".", inner, flat);
            } else if (flat.put(name, value == null ? "" : value) != null) {
                throw ConfigProblem.bad(name, value, "given once");
            }
        });
    }

    /** A whole number of at least 1. */
    public long atLeastOne(String key, long byDefault) {
        long value = whole(key, byDefault);
        if (value < 1) {
            bad(key, value, "a whole number of at least 1");
        }
        return value;
    }

    /** A whole number from 1 to {@code most}. */
    public long counted(String key, long byDefault, long most) {
        long value = whole(key, byDefault);
        if (value < 1 || value > most) {
            bad(key, value, "a whole number from 1 to " + most);
        }
        return value;
    }

    private long whole(String key, long byDefault) {
        known.put(key, String.valueOf(byDefault));
        Object value = flat.getOrDefault(key, byDefault);
        try {
            return Long.parseLong(value.toString().trim());
        } catch (NumberFormatException e) {
            bad(key, value, "a whole number such as " + byDefault);
            return byDefault;
        }
    }

    /** A number above {@code above} and at most {@code upTo}. */
    public double inside(String key, double byDefault, double above, double upTo) {
        double value = number(key, byDefault);
        if (!(value > above && value <= upTo)) {
            bad(key, value, "above " + above + " and at most " + upTo);
        }
        return value;
    }

    /** How many times as much: at least 1. */
    public double factor(String key, double byDefault) {
        double value = number(key, byDefault);
        if (!(value >= 1 && value <= 1e6)) {
            bad(key, value, "a number of at least 1");
        }
        return value;
    }

    private double number(String key, double byDefault) {
        known.put(
                key, byDefault == Math.rint(byDefault) ? String.valueOf((long) byDefault) : String.valueOf(byDefault));
        Object value = flat.getOrDefault(key, byDefault);
        try {
            return Double.parseDouble(value.toString().trim());
        } catch (NumberFormatException e) {
            bad(key, value, "a number such as " + byDefault);
            return byDefault;
        }
    }

    /** One of {@code words}. */
    public String oneOf(String key, String byDefault, List<String> words) {
        known.put(key, byDefault);
        String word = flat.getOrDefault(key, byDefault).toString().strip().toLowerCase(Locale.ROOT);
        if (!words.contains(word)) {
            bad(key, word, "one of " + String.join(", ", words));
            return byDefault;
        }
        return word;
    }

    /** The name of a folder or of what is above others, with a slash at its end. */
    public String folder(String key, String byDefault) {
        known.put(key, byDefault);
        String text = flat.getOrDefault(key, byDefault).toString().strip();
        if (text.isEmpty()) {
            bad(key, text, "text such as " + byDefault);
            return byDefault;
        }
        return text.endsWith("/") ? text : text + "/";
    }

    /** A duration that is longer than nothing. */
    public Duration lasting(String key, String byDefault) {
        Duration value = duration(key, byDefault);
        if (value.isZero() || value.isNegative()) {
            bad(key, value, "longer than nothing, such as 1h");
        }
        return value;
    }

    /** A duration of any length. */
    public Duration duration(String key, String byDefault) {
        known.put(key, byDefault);
        Object value = flat.getOrDefault(key, byDefault);
        try {
            return Durations.parse(value.toString());
        } catch (IllegalArgumentException e) {
            bad(key, value, "a duration such as " + byDefault + " (s, m, h, d or w)");
            return Durations.parse(byDefault);
        }
    }

    public boolean yes(String key, boolean byDefault) {
        known.put(key, String.valueOf(byDefault));
        Object value = flat.getOrDefault(key, byDefault);
        return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                bad(key, value, "true or false");
                yield byDefault;
            }
        };
    }

    /** A value that is read elsewhere; null when it is not given. */
    public @Nullable Object given(String key) {
        known.put(key, "");
        Object value = flat.get(key);
        return "".equals(value) ? null : value;
    }

    /** Keeps what cannot be for {@link #refuse}. */
    public void bad(String key, @Nullable Object value, String right) {
        wrong.add(ConfigProblem.bad(key, value, right).getMessage());
    }

    /** Keeps a problem that was thrown for {@link #refuse}. */
    public void bad(IllegalArgumentException problem) {
        wrong.add(problem.getMessage());
    }

    /** Every key that was asked for with the text of its default, in order; empty for lists. */
    public Map<String, String> known() {
        return Collections.unmodifiableMap(known);
    }

    /**
     * Ends the reading.
     *
     * @throws IllegalArgumentException when anything is wrong or nobody asked for a key that is given; a line each
     */
    public void refuse() {
        for (Map.Entry<String, Object> entry : flat.entrySet()) {
            if (!known.containsKey(entry.getKey())) {
                wrong.add(unknown(entry.getKey(), entry.getValue()));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", wrong));
        }
    }

    private String unknown(String key, Object value) {
        String hint = Nearest.hint(key, known.keySet()).strip();
        return "Configuration key " + key + " with the value '" + value + "' is unknown; "
                + (hint.isEmpty()
                        ? "known are keys below " + String.join(", ", groups())
                                + "; a detector's own settings do not stand beside them"
                        : hint);
    }

    private Set<String> groups() {
        return known.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('.') < 0 ? key.length() : key.indexOf('.')))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
