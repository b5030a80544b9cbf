package io.postbrake.app.console;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** What stands behind the question mark of an address. */
final class Query {

    private final Map<String, String> values = new LinkedHashMap<>();

    private Query() {}

    /** Of a raw query; the first value of a name counts. */
    static Query of(String rawOrNull) {
        var query = new Query();
        if (rawOrNull != null) {
            for (String pair : rawOrNull.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.values.putIfAbsent(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    /** The value of {@code name}; null when it is missing or blank. */
    String value(String name) {
        String value = values.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    /**
     * The value of {@code name}.
     *
     * @throws IllegalArgumentException when it is missing or blank
     */
    String needed(String name) {
        String value = value(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /**
     * One of {@code words}; {@code otherwise} when nothing is given.
     *
     * @throws IllegalArgumentException naming them
     */
    String word(String name, String otherwise, List<String> words) {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        if (!words.contains(value)) {
            throw new IllegalArgumentException(name + " is '" + value + "': give one of " + String.join(", ", words));
        }
        return value;
    }

    /**
     * A whole number from {@code least} to {@code most}; {@code otherwise} when nothing is given.
     *
     * @throws IllegalArgumentException naming the bounds
     */
    int number(String name, int otherwise, int least, int most) {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(name + " is '" + value + "': give " + least + " to " + most);
    }

    /** As it stands in an address, with other values of some names. */
    String with(Map<String, String> others) {
        Map<String, String> all = new LinkedHashMap<>(values);
        all.putAll(others);
        var text = new StringJoiner("&");
        all.forEach((name, value) -> text.add(encoded(name) + "=" + encoded(value)));
        return text.toString();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
