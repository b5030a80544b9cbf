package io.postbrake.detection.profile;

import io.postbrake.detection.subject.AddressRanges;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.AddressRange;
import io.postbrake.state.SubjectState;
import io.postbrake.state.TriedName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a range of addresses beside its failed logins by address: how many came within a day, which logins were
 * tried, and when somebody last got in or sent mail from there. An address remembers by it what its ranges heard of. Bounded.
 */
public final class RangeHistory {
    /** So long a range is somebody's in which a login or mail was accepted, to the day. */
    public static final Duration LIVED_IN = Duration.ofDays(30);

    private static final int MAX_NAMES = 8;
    private static final int BITS = 256;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration ASK_AGAIN = Duration.ofHours(1);

    private final SubjectState state;

    public RangeHistory(SubjectState state) {
        this.state = state;
    }

    void failed(Submission e) {
        AddressRange range = own();
        if (range.getFailureHours() == null) {
            range.setFailureHours(RingWindow.empty(RingWindow.HOURS));
        }
        if (AddressRanges.link(state.getSubjectKey())) {
            if (failuresInDay(e.getOccurredAt()) == 0) {
                range.setDistinct(new ArrayList<>());
            }
            distinct(range, e.getClientIp());
        }
        RingWindow.add(range.getFailureHours(), EventTime.hour(e.getOccurredAt()), e.getRepeats());
        if (e.getAccount() == null || e.getAccount().isBlank()) {
            return;
        }
        long name = StableIds.of("tried", SubjectKeys.account(e.getAccount())).getMostSignificantBits();
        Instant at = e.getOccurredAt();
        List<TriedName> tried = new ArrayList<>(range.getTried());
        for (TriedName known : tried) {
            if (known.getAccount() == name && known.getAt().isAfter(at)) {
                at = known.getAt();
            }
        }
        tried.removeIf(known -> known.getAccount() == name);
        tried.add(new TriedName(name, at));
        tried.sort(Comparator.comparing(TriedName::getAt).thenComparingLong(TriedName::getAccount));
        if (tried.size() > MAX_NAMES) {
            tried.remove(0);
        }
        range.setTried(tried);
    }

    /** Mail was accepted from there without a login. */
    public void mailed(Instant at) {
        own().setMailAt(later(own().getMailAt(), at));
    }

    /** Whether an address told its ranges of mail within the day before {@code at}: each does so at a time of its own. */
    public boolean mailTold(Instant at) {
        Instant until = toldUntil();
        return until != null && at.isBefore(until);
    }

    /** Until when an address need not tell its ranges of mail again; null when it never did. */
    public @Nullable Instant toldUntil() {
        Instant told = state.getRange() == null ? null : state.getRange().getMailAt();
        return told == null ? null : told.plus(DAY);
    }

    /** Somebody logged in from there: on each day the first time counts. */
    public void loggedIn(Instant at) {
        if (!loginTold(at)) {
            own().setLoggedInAt(at);
        }
    }

    /** Whether an address told its ranges of a login on this day. */
    public boolean loginTold(Instant at) {
        Instant before = state.getRange() == null ? null : state.getRange().getLoggedInAt();
        return before != null && EventTime.day(at) <= EventTime.day(before);
    }

    /** Whether a login or mail was accepted from there within the {@link #LIVED_IN time} before {@code at}. */
    public boolean livedIn(Instant at) {
        AddressRange range = state.getRange();
        Instant since = at.minus(LIVED_IN);
        return range != null && (after(range.getLoggedInAt(), since) || after(range.getMailAt(), since));
    }

    private static boolean after(@Nullable Instant timeOrNull, Instant since) {
        return timeOrNull != null && timeOrNull.isAfter(since);
    }

    /** Failed logins within a day up to {@code at}. */
    public long failuresInDay(Instant at) {
        AddressRange range = state.getRange();
        return range == null ? 0 : RingWindow.most(range.getFailureHours(), EventTime.hour(at), RingWindow.HOURS);
    }

    /** Different logins that failed within a day up to {@code at}; {@link #MAX_NAMES} for more. */
    public long names(Instant at) {
        return state.getRange() == null
                ? 0
                : state.getRange().getTried().stream()
                        .filter(t -> t.getAt().isAfter(at.minus(DAY)))
                        .count();
    }

    /**
     * About how many addresses failed, by linear counting: how many of 256 bits they set (Whang et al., 1990). Less than the
     * failures when some failed again, as devices do; counted for a /64 only.
     */
    public double addresses() {
        if (state.getRange() == null) {
            return 0;
        }
        int set =
                state.getRange().getDistinct().stream().mapToInt(Long::bitCount).sum();
        return set == BITS ? BITS * Math.log(BITS) : -BITS * Math.log1p(-set / (double) BITS);
    }

    private void distinct(AddressRange range, String ip) {
        List<Long> bits = range.getDistinct().isEmpty()
                ? new ArrayList<>(List.of(0L, 0L, 0L, 0L))
                : new ArrayList<>(range.getDistinct());
        int bit = (int) Math.floorMod(StableIds.of("address", ip).getLeastSignificantBits(), (long) BITS);
        bits.set(bit / Long.SIZE, bits.get(bit / Long.SIZE) | 1L << (bit % Long.SIZE));
        range.setDistinct(bits);
    }

    /** Whether the fleet said that it knows for long enough where its accounts log in from. */
    public boolean fleetHasHistory() {
        return state.getRange() != null && state.getRange().getFleetAt() != null;
    }

    /** The fleet says so. */
    public void fleetHasHistory(Instant at) {
        own().setFleetAt(at);
    }

    /** Whether the fleet is to be asked now: not at each failure. */
    public boolean asks(Instant at) {
        Instant asked = state.getRange() == null ? null : state.getRange().getAskedAt();
        if (fleetHasHistory() || (asked != null && at.isBefore(asked.plus(ASK_AGAIN)))) {
            return false;
        }
        own().setAskedAt(at);
        return true;
    }

    /** An account was said to have begun to send from there. What was said long before of others is forgotten. */
    public void newcomer(Instant at, Duration kept) {
        Instant before = newcomersAt();
        if (before != null && before.plus(kept).isBefore(at)) {
            state.getNewcomers().clear();
            state.setMessages(0);
        }
        own().setNewcomersAt(later(before, at));
    }

    /** When an account was last said to have begun to send from there; null when none was. */
    private @Nullable Instant newcomersAt() {
        if (state.getRange() == null || state.getRange().getNewcomersAt() == null) {
            // An earlier build heard of nothing else.
            return state.getNewcomers().isEmpty() ? null : state.getLastSeenAt();
        }
        return state.getRange().getNewcomersAt();
    }

    /** Until when the range is remembered; null for one of which nothing is known. */
    public @Nullable Instant keptUntil(Duration newcomersKept) {
        AddressRange range = state.getRange();
        Instant until = newcomersAt() == null ? null : newcomersAt().plus(newcomersKept);
        if (range == null) {
            return until;
        }
        until = range.getLoggedInAt() == null
                ? until
                : later(until, range.getLoggedInAt().plus(LIVED_IN));
        until = range.getMailAt() == null
                ? until
                : later(until, range.getMailAt().plus(LIVED_IN));
        return range.getFailureHours() == null
                ? until
                : later(
                        until,
                        Instant.ofEpochSecond((range.getFailureHours().getNewest() + 1) * 3600)
                                .plus(DAY));
    }

    /** Whether it may be forgotten for want of room, because nobody of the fleet logs in or sends from there. */
    static boolean strangers(SubjectState s) {
        return s.getNewcomers().isEmpty()
                && s.getRange() != null
                && s.getRange().getLoggedInAt() == null;
    }

    /** Whether nothing is known of an address but that mail without a login came from it. */
    static boolean mailOnly(SubjectState s) {
        return strangers(s)
                && s.getFailureMinutes() == null
                && s.getResidents().isEmpty()
                && s.getRecentLogins().isEmpty()
                && s.getUnansweredLogins().isEmpty()
                && s.getSpentUntil() == null;
    }

    void forgetFailures() {
        if (state.getRange() != null) {
            state.getRange().setFailureHours(null);
            state.getRange().setTried(new ArrayList<>());
            state.getRange().setDistinct(new ArrayList<>());
        }
    }

    private AddressRange own() {
        if (state.getRange() == null) {
            state.setRange(AddressRange.newBuilder().build());
        }
        return state.getRange();
    }

    private static Instant later(@Nullable Instant a, Instant b) {
        return a == null || b.isAfter(a) ? b : a;
    }
}
