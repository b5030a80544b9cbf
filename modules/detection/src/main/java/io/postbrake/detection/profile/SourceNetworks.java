package io.postbrake.detection.profile;

import io.postbrake.event.Submission;
import io.postbrake.state.Origin;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operators' networks that an account sends from, and how strange a network is for it: the log-likelihood ratio of the
 * network for a thief against the account, backing off from the operator's network to the country as Freeman, Jain, Duermuth,
 * Biggio and Giacinto (Who are you? A statistical approach to measuring user authenticity, NDSS 2016) do from address to
 * network to country. Unseen ones get the share of Witten and Bell (The zero-frequency problem, IEEE Trans. Information
 * Theory 37(4), 1991): an account that has used few networks for long is unlikely to use another. Days count, not messages,
 * so that a thief's thousand messages do not make the network normal.
 */
public final class SourceNetworks {
    private static final int SETTLED_DAYS = 3;
    /** A place that is lived in: so many messages, so large a share of what the account sends on its days, or so many days. */
    private static final long LIVED_IN_MESSAGES = 10;

    private static final double LIVED_IN_SHARE = 0.2;
    private static final long LIVED_IN_DAYS = 20;
    /** Of the place where somebody sits who writes to hundreds at once. */
    private static final double DESK_SHARE = 0.5;

    private static final double TRUSTED_DAYS = 10;
    /** Days after an account's first in which its other networks count as there from the beginning. */
    private static final long BEGINNING = 3;

    private static final double MOST = 5;
    /** What the fleet's answer adds: a network that nobody uses is rarer for owners, one that many use is not. */
    private static final double FLEET = 1;
    /** How far arrivals may be out of order at the most: a day counts only when nothing of it is under way any more. */
    private static final long LATE = 60;

    static final long DAY = 86_400;
    static final long DAY_MILLIS = 1000 * DAY;

    private final SubjectState state;
    private int foundAt;

    SourceNetworks(SubjectState state) {
        this.state = state;
    }

    /** Name of the network that a submission comes from; null when nothing is known of it. */
    public static @Nullable String name(Submission e) {
        return name(e.getAsn(), e.getCountry(), e.getClientIp());
    }

    public static @Nullable String name(@Nullable Long asn, @Nullable String country, @Nullable String ip) {
        if (asn != null) {
            return "AS" + asn + '/' + (country == null ? "" : country);
        }
        return country != null ? country : ip == null ? null : Networks.wide(ip);
    }

    static String country(String name) {
        int slash = name.indexOf('/');
        return slash >= 0 ? name.substring(slash + 1) : name;
    }

    /** What is remembered of a network; null when nothing is. */
    @Nullable
    Origin find(@Nullable String name) {
        List<Origin> all = state.getOrigins();
        // One event's network is asked for some ten times.
        if (foundAt < all.size() && all.get(foundAt).getName().equals(name)) {
            return all.get(foundAt);
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).getName().equals(name)) {
                foundAt = i;
                return all.get(i);
            }
        }
        return null;
    }

    /** Accepted messages from here before today: a burst does not make its own place lived in. */
    private static long sentBefore(Origin o, Instant at) {
        boolean today = o.getSentDay() >= Math.floorDiv(at.getEpochSecond() - LATE, DAY);
        return o.getMessages() + (today ? 0 : o.getSentThen());
    }

    /** Whether the account tried from here before. */
    public boolean knows(String name) {
        return find(name) != null;
    }

    /** Whether the account tried from here, of which the fleet heard, but not so early on the day. */
    boolean earlier(String name, Instant at, boolean daily) {
        Origin known = find(name);
        long day = Math.floorDiv(at.getEpochSecond(), DAY);
        return known != null
                && at.toEpochMilli() < known.getToldMillis()
                && day == Math.floorDiv(known.getToldMillis(), DAY_MILLIS)
                && (day == known.getFirstDay() || (daily && known.getFleet() == 0));
    }

    /** Days before {@code at} on which something was sent, of those that a list of two newest days and a count tell. */
    static long daysBefore(Instant at, long days, long newest, long dayBefore) {
        long today = Math.floorDiv(at.getEpochSecond() - LATE, DAY);
        long not = newest >= today ? 1 : 0;
        not += dayBefore >= today ? 1 : 0;
        return Math.max(0, days - not);
    }

    static long daysBefore(Origin o, Instant at) {
        return daysBefore(at, o.getDays(), o.getNewestDay(), o.getDayBefore());
    }

    /** Whether the account has sent from this network on several earlier days, and not just now and then beside its usual mail. */
    public boolean settled(@Nullable String name, Instant at) {
        Origin known = name == null ? null : find(name);
        if (known == null) {
            return name == null;
        }
        long before = daysBefore(known, at);
        return (before >= SETTLED_DAYS && livedIn(known, at)) || (before > 0 && first(name));
    }

    /**
     * Whether the account lives here: a thief who sends a message a day beside the owner, to be at home when the burst comes,
     * does not.
     */
    private boolean livedIn(Origin o, Instant at) {
        return o.getMessages() == null
                || share(o, at) * daysBefore(o, at) >= LIVED_IN_DAYS
                || (sentBefore(o, at) >= LIVED_IN_MESSAGES && share(o, at) >= 1);
    }

    private double share(Origin o, Instant at) {
        return share(o, at, LIVED_IN_SHARE);
    }

    /** What the account sends from here on a day of it, as a part of {@code asked} of what it sends on a day; 1 at most. */
    private double share(Origin o, Instant at, double asked) {
        long days = daysBefore(o, at);
        if (o.getMessages() == null || days == 0 || state.getActiveDays() == 0) {
            return 1;
        }
        double here = (double) sentBefore(o, at) / days;
        double usual = (double) state.getMessages() / state.getActiveDays();
        return Math.min(1, here / (asked * usual));
    }

    /**
     * How short the account has been at a network that it did not begin with: from 1 at first to 0 after ten days of use, and more of
     * them where it sends less than from its desk.
     */
    public double youth(@Nullable String name, Instant at) {
        Origin known = name == null ? null : find(name);
        long begun = state.getOrigins().stream()
                .filter(o -> o.getDays() > 0)
                .mapToLong(Origin::getFirstDay)
                .min()
                .orElse(0);
        return known == null || known.getFirstDay() <= begun + BEGINNING
                ? 0
                : Math.max(0, 1 - share(known, at, DESK_SHARE) * daysBefore(known, at) / TRUSTED_DAYS);
    }

    /** What the fleet said of this network: 1 that many use it, -1 that hardly anybody does, 0 nothing. */
    public long fleet(@Nullable String name) {
        Origin known = name == null ? null : find(name);
        return known == null ? 0 : known.getFleet();
    }

    /** Whether the account never sent from this country on an earlier day. */
    boolean newCountry(String name, Instant at) {
        String country = country(name);
        return state.getOrigins().stream()
                .noneMatch(o -> country(o.getName()).equals(country) && daysBefore(o, at) > 0);
    }

    /** Whether the account began to send here, or nothing is known of the place. */
    public boolean beganAt(@Nullable String name) {
        return name == null || first(name);
    }

    /** Whether the account began here. */
    boolean first(@Nullable String name) {
        Origin known = name == null ? null : find(name);
        if (known == null) {
            return false;
        }
        for (Origin o : state.getOrigins()) {
            if (o.getFirstDay() < known.getFirstDay()) {
                return false;
            }
        }
        return true;
    }

    /** Whether nothing is known of the network or, if {@code daily}, the fleet did not answer and it is the day's first. */
    boolean isNew(String name, Instant at, boolean daily) {
        Origin known = find(name);
        long day = Math.floorDiv(at.getEpochSecond(), DAY);
        return known == null
                || (daily && known.getFleet() == 0 && Math.floorDiv(known.getToldMillis(), DAY_MILLIS) < day);
    }

    /** Networks where the account was not at home when it began, and that began within a day of {@code at}. */
    public long strangeSince(Instant at) {
        long day = Math.floorDiv(at.getEpochSecond(), DAY);
        return state.getOrigins().stream()
                .filter(o -> o.getFirstDay() >= day - 1 && !settled(o.getName(), at))
                .count();
    }

    /** How many times as likely this network is for a thief as for the account, as a logarithm. */
    double weight(@Nullable String name, Instant at) {
        if (name == null || settled(name, at)) {
            return 0;
        }
        String country = country(name);
        Set<String> countries = new HashSet<>();
        double days = 0;
        double daysHere = 0;
        double networksHere = 0;
        double own = 0;
        for (Origin o : state.getOrigins()) {
            double before = daysBefore(o, at);
            boolean here = o.getName().equals(name);
            own += here ? share(o, at) * before : 0;
            if (before == 0 || (here && share(o, at) < 1)) {
                continue;
            }
            days += before;
            countries.add(country(o.getName()));
            if (country(o.getName()).equals(country)) {
                daysHere += before;
                networksHere++;
            }
        }
        if (days == 0) {
            return 0;
        }
        double weight = daysHere == 0
                ? Math.log((days + countries.size()) / countries.size())
                : Math.log((daysHere + networksHere) / networksHere);
        weight -= FLEET * fleet(name);
        return Math.max(0, Math.min(MOST, weight / (1 + own)));
    }
}
