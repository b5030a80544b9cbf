package io.postbrake.detection.parameter;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
        Optional<Duration> length = duration(value.toString().trim().toLowerCase(Locale.ROOT));
        if (length.isEmpty()) {
            bad(key, value, "a duration such as " + byDefault + " (s, m, h or d)");
        }
        return length.or(() -> duration(byDefault)).orElseThrow();
    }

    /** A whole number and s, m, h or d, or ISO 8601. */
    private static Optional<Duration> duration(String text) {
        if (!text.matches("[0-9]{1,9}[smhd]")) {
            try {
                return Optional.of(Duration.parse(text));
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }
        long amount = Long.parseLong(text.substring(0, text.length() - 1));
        return Optional.of(
                switch (text.charAt(text.length() - 1)) {
                    case 's' -> Duration.ofSeconds(amount);
                    case 'm' -> Duration.ofMinutes(amount);
                    case 'h' -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                });
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
    public Object given(String key) {
        known.put(key, "");
        Object value = flat.get(key);
        return "".equals(value) ? null : value;
    }

    /** Keeps what cannot be for {@link #refuse}. */
    public void bad(String key, Object value, String right) {
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
        String nearest = known.keySet().stream()
                .min(Comparator.comparingInt(k -> distance(k, key)))
                .orElseThrow();
        boolean near = distance(nearest, key) <= Math.max(3, key.length() / 3);
        return "Configuration key " + key + " with the value '" + value + "' is unknown; "
                + (near
                        ? "did you mean " + nearest + "?"
                        : "known are keys below " + String.join(", ", groups())
                                + "; a detector's own settings do not stand beside them");
    }

    private Set<String> groups() {
        return known.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('.') < 0 ? key.length() : key.indexOf('.')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
