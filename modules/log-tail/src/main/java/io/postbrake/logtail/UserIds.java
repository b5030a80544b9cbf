package io.postbrake.logtail;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of the system's accounts, as journald puts them down of whoever wrote an entry ({@code _UID}): no sender can say another.
 */
public final class UserIds {

    /** Root and the accounts that daemons run as; people's begin with 1000. */
    public static final String SYSTEM = "0-999";

    private static final Pattern RANGE = Pattern.compile("([0-9]{1,10})(?:-([0-9]{1,10}))?");

    private record Range(long first, long last) {}

    private final List<Range> ranges;

    private UserIds(List<Range> ranges) {
        this.ranges = ranges;
    }

    /**
     * Reads numbers and ranges of them, such as {@code 0-999} and {@code 100000-165535}.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public static UserIds of(List<String> entries) {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("give at least one account's number or range, such as " + SYSTEM);
        }
        return new UserIds(entries.stream().map(UserIds::range).toList());
    }

    private static Range range(String entry) {
        Matcher m = RANGE.matcher(entry.strip());
        if (m.matches()) {
            long first = Long.parseLong(m.group(1));
            long last = m.group(2) == null ? first : Long.parseLong(m.group(2));
            if (first <= last) {
                return new Range(first, last);
            }
        }
        throw new IllegalArgumentException(
                "'" + entry + "' is no account's number or range of them: give some such as 0-999, 100000-165535");
    }

    /** Whether this account is one of them. */
    public boolean contains(long uid) {
        return ranges.stream().anyMatch(range -> range.first() <= uid && uid <= range.last());
    }
}
