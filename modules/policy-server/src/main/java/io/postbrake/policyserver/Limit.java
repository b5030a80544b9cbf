package io.postbrake.policyserver;

import io.postbrake.settings.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A ceiling: so many within any stretch of time of this length.
 *
 * @param unit what is counted
 * @param most the ceiling; 0 lets nothing pass
 * @param window the length, from a minute to 35 days, in milliseconds
 */
public record Limit(Unit unit, int most, long window) {

    private static final long SHORTEST = Duration.ofMinutes(1).toMillis();
    private static final long LONGEST = Duration.ofDays(35).toMillis();
    private static final int HIGHEST = 1_000_000_000;

    /** What to give for limits. */
    static final String RIGHT =
            "a number and the time that it is for, such as 50/1h, or several: 50/1h, 200/1d;" + " times from 1m to 35d";

    /**
     * Several, separated by commas: {@code 50/1h, 200/1d}.
     *
     * @throws IllegalArgumentException when it is no such text
     */
    static List<Limit> parse(Unit unit, String text) {
        return Arrays.stream(text.split(",", -1))
                .map(part -> one(unit, part.strip()))
                .toList();
    }

    private static Limit one(Unit unit, String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || !text.substring(0, slash).strip().matches("[0-9]{1,10}")) {
            throw new IllegalArgumentException(text);
        }
        long most = Long.parseLong(text.substring(0, slash).strip());
        long window = Durations.parse(text.substring(slash + 1)).toMillis();
        if (most > HIGHEST || window < SHORTEST || window > LONGEST) {
            throw new IllegalArgumentException(text);
        }
        return new Limit(unit, (int) most, window);
    }

    /** Such as "50 messages in 1h". */
    String said() {
        return most + " " + unit.word() + " in "
                + Duration.ofMillis(window)
                        .toString()
                        .substring(1)
                        .replaceFirst("^T", "")
                        .toLowerCase(java.util.Locale.ROOT);
    }
}
