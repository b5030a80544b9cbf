package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.Resident;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Accounts that log in from an address, over days: an office, a household, a webmail server. Whoever fails to log in there is not
 * all of them, so the address is not refused for it. One login is not enough to become a resident: a thief has one too. Whoever
 * has not logged in for a month has moved: a provider gives the address to others.
 */
public final class Residents {
    private static final int MAX = 6;
    private static final int CROWD = 5;
    private static final int DOMAINS = 4;
    private static final long SETTLED_HOURS = 12;
    private static final long FORGOTTEN_HOURS = 14 * 24;
    private static final long MOVED_HOURS = 30 * 24;
    private static final Duration PASSING = Duration.ofDays(3);
    private static final Duration SETTLED = Duration.ofDays(30);

    private final SubjectState state;

    public Residents(SubjectState state) {
        this.state = state;
    }

    public void loggedIn(String account, Instant at) {
        long hash = hash(account);
        long domain = domain(account);
        long hour = EventTime.hour(at);
        List<Resident> all = state.getResidents();
        for (Resident known : all) {
            if (known.getAccount() == hash) {
                known.setDomain(domain);
                known.setFirstHour(Math.min(known.getFirstHour(), hour));
                known.setLastHour(Math.max(known.getLastHour(), hour));
                boolean first = known.getAgainHour() < 0 || hour < known.getAgainHour();
                if (first && hour >= known.getFirstHour() + SETTLED_HOURS) {
                    known.setAgainHour(hour);
                }
                return;
            }
        }
        all.removeIf(r -> gone(r, at));
        all.add(new Resident(hash, hour, -1L, hour, domain));
        all.sort(Comparator.comparingLong(Resident::getAccount));
        if (all.size() > MAX) {
            // Who came last goes first: a crowd of new ones must not displace those who live there.
            all.remove(all.stream()
                    .max(Comparator.comparingLong(Resident::getFirstHour).thenComparingLong(Resident::getAccount))
                    .orElseThrow());
        }
    }

    /** Whether the account has logged in from here for long enough. */
    public boolean livesHere(String account, Instant at) {
        long hash = hash(account);
        return state.getResidents().stream().anyMatch(r -> r.getAccount() == hash && earlier(r, at) && !gone(r, at));
    }

    /** Whether somebody lives here: one account that came back, or two, from half a day before {@code at} on. */
    public boolean any(Instant at) {
        List<Resident> here =
                state.getResidents().stream().filter(r -> !gone(r, at)).toList();
        // What comes within hours may still arrive in another order.
        long before = EventTime.hour(at) - 2;
        return here.stream().filter(r -> earlier(r, at)).count() > 1
                || here.stream().anyMatch(r -> cameBack(r) && r.getAgainHour() <= before);
    }

    /** Whether many have lived here for half a day or longer: more than a household. */
    public boolean crowd(Instant at) {
        return state.getResidents().stream()
                        .filter(r -> earlier(r, at) && !gone(r, at))
                        .count()
                >= CROWD;
    }

    /**
     * Whether many live here who came back, of so many domains that no office has them: a webmail or a proxy of a provider. A carrier's
     * address has many domains, too, but its accounts do not come back to it.
     */
    public boolean manyDomains(Instant at) {
        // What comes within hours may still arrive in another order.
        long before = EventTime.hour(at) - 2;
        List<Resident> settled = state.getResidents().stream()
                .filter(r -> cameBack(r) && r.getAgainHour() <= before && !gone(r, at))
                .toList();
        return settled.size() >= CROWD
                && settled.stream()
                                .mapToLong(Resident::getDomain)
                                .filter(d -> d != 0)
                                .distinct()
                                .count()
                        >= DOMAINS;
    }

    /** How long an address is remembered for who logs in there; nothing for one without. */
    public Duration remembered() {
        return state.getResidents().isEmpty()
                ? Duration.ZERO
                : state.getResidents().stream().anyMatch(Residents::cameBack) ? SETTLED : PASSING;
    }

    private static boolean earlier(Resident r, Instant at) {
        return r.getFirstHour() <= EventTime.hour(at) - SETTLED_HOURS;
    }

    /** Failures keep the address's state, so its end alone would let a guesser live on as whoever lived there before. */
    private static boolean gone(Resident r, Instant at) {
        long newest = Math.max(r.getLastHour(), Math.max(r.getFirstHour(), r.getAgainHour()));
        return newest < EventTime.hour(at) - (cameBack(r) ? MOVED_HOURS : FORGOTTEN_HOURS);
    }

    private static boolean cameBack(Resident r) {
        return r.getAgainHour() >= 0;
    }

    private static long hash(String account) {
        return StableIds.of("resident", SubjectKeys.account(account)).getMostSignificantBits();
    }

    private static long domain(String account) {
        int at = account.lastIndexOf('@');
        String name = SubjectKeys.account(account.substring(at + 1));
        return at < 0 ? 0 : StableIds.of("resident-domain", name).getMostSignificantBits();
    }
}
