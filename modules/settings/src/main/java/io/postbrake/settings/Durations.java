package io.postbrake.settings;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: {@code 90s}, {@code 4h}, {@code 1d12h}, or ISO 8601 ({@code PT4H}). */
public final class Durations {

    private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}[wdhms])+");
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})([wdhms])");
    private static final Map<String, Duration> UNITS = Map.of(
            "w", Duration.ofDays(7),
            "d", Duration.ofDays(1),
            "h", Duration.ofHours(1),
            "m", Duration.ofMinutes(1),
            "s", Duration.ofSeconds(1));

    private Durations() {}

    /**
     * The length that {@code text} says.
     *
     * @throws IllegalArgumentException naming the text and what would be right
     */
    public static Duration parse(String text) {
        String small = text.strip().toLowerCase(Locale.ROOT);
        if (WHOLE.matcher(small).matches()) {
            Duration sum = Duration.ZERO;
            Matcher part = PART.matcher(small);
            while (part.find()) {
                sum = sum.plus(UNITS.get(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
            }
            return sum;
        }
        try {
            return Duration.parse(small);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no duration: give a number and s, m, h, d or w, such as 4h or 1d12h (or PT4H)",
                    e);
        }
    }
}
