package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.state.FailedSession;
import io.postbrake.state.FailurePeer;
import io.postbrake.state.FailureStamp;
import io.postbrake.state.SubjectState;
import io.postbrake.state.UnansweredLogin;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Failed logins of one subject: how many, who was on the other side, and what came before a login. Bounded. */
public final class FailedLogins {
    static final int MAX_PEERS = 20;
    private static final int MAX_STAMPS = 64;
    /** The lines of one connection follow each other at once, among those of a guesser's others. */
    private static final int MAX_SESSIONS = 64;

    private static final Comparator<FailedSession> SESSIONS =
            Comparator.comparing(FailedSession::getAt).thenComparingLong(FailedSession::getSession);

    /** Dovecot's penalty for an address ends within a minute of its last failure. */
    private static final Duration PENALTY = Duration.ofSeconds(60);

    private static final Duration RUN = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    static final Duration REMEMBERED = Duration.ofDays(7);

    private final SubjectState state;

    FailedLogins(SubjectState state) {
        this.state = state;
    }

    /** Whether the failures of this connection were counted already, as another host told them; from now on they are. */
    boolean counted(@Nullable String sessionOrNull, Instant at) {
        if (sessionOrNull == null) {
            return false;
        }
        long hash = StableIds.of("session", sessionOrNull).getMostSignificantBits();
        List<FailedSession> all = state.getFailedSessions();
        for (FailedSession known : all) {
            if (known.getSession() == hash) {
                known.setAt(at.isBefore(known.getAt()) ? at : known.getAt());
                all.sort(SESSIONS);
                return true;
            }
        }
        all.add(new FailedSession(hash, at));
        all.sort(SESSIONS);
        if (all.size() > MAX_SESSIONS) {
            all.remove(0);
        }
        return false;
    }

    void count(Instant at, String peer, long repeats) {
        if (state.getFailureMinutes() == null) {
            state.setFailureMinutes(RingWindow.empty(RingWindow.MINUTES));
        }
        RingWindow.add(state.getFailureMinutes(), EventTime.minute(at), repeats);
        stamp(at, repeats);
        meet(at, peer, repeats);
        state.getUnansweredLogins().replaceAll(this::settled);
    }

    /**
     * A login that the authentication server did not answer: an attempt if a password had been wrong shortly before, for
     * then the server made this address wait too long; otherwise the server was away. Whose login it was is not known.
     */
    void unanswered(Instant at, long repeats) {
        List<UnansweredLogin> logins = state.getUnansweredLogins();
        int i = logins.size();
        while (i > 0 && logins.get(i - 1).getAt().isAfter(at)) {
            i--;
        }
        logins.add(i, settled(new UnansweredLogin(at, repeats, false)));
        if (logins.size() > MAX_STAMPS) {
            logins.remove(0);
        }
    }

    /** A failure of another host may be heard of after what it explains. */
    private UnansweredLogin settled(UnansweredLogin login) {
        if (login.getCounted() || !failedWithin(PENALTY, login.getAt())) {
            return login;
        }
        RingWindow.add(state.getFailureMinutes(), EventTime.minute(login.getAt()), login.getCount());
        return new UnansweredLogin(login.getAt(), login.getCount(), true);
    }

    private boolean failedWithin(Duration span, Instant at) {
        return state.getRecentFailures().stream()
                .anyMatch(f -> !f.getAt().isAfter(at) && !f.getAt().plus(span).isBefore(at));
    }

    /** Whether a login that was not answered then was an attempt. */
    boolean attempted(Instant at) {
        return state.getUnansweredLogins().stream()
                .anyMatch(login -> login.getCounted() && login.getAt().equals(at));
    }

    private void stamp(Instant at, long repeats) {
        List<FailureStamp> stamps = state.getRecentFailures();
        int i = stamps.size();
        while (i > 0 && stamps.get(i - 1).getAt().isAfter(at)) {
            i--;
        }
        stamps.add(i, new FailureStamp(at, repeats));
        if (stamps.size() > MAX_STAMPS) {
            stamps.remove(0);
        }
    }

    private void meet(Instant at, @Nullable String name, long repeats) {
        List<FailurePeer> peers = state.getPeers();
        FailurePeer known = peers.stream()
                .filter(p -> Objects.equals(p.getName(), name))
                .findFirst()
                .orElse(null);
        if (known == null) {
            peers.add(new FailurePeer(name, at, at, repeats));
        } else {
            boolean again = at.isAfter(known.getLastAt().plus(RUN));
            boolean earlier = at.isBefore(known.getFirstAt()) && !at.plus(RUN).isBefore(known.getFirstAt());
            peers.remove(known);
            peers.add(new FailurePeer(
                    name,
                    again || earlier ? at : known.getFirstAt(),
                    at.isAfter(known.getLastAt()) ? at : known.getLastAt(),
                    known.getCount() + repeats));
        }
        peers.sort(Comparator.comparing(FailurePeer::getLastAt)
                .thenComparing(p -> p.getName() == null ? "" : p.getName()));
        if (peers.size() > MAX_PEERS) {
            peers.remove(0);
        }
    }

    /** The most failures in any {@code minutes} that a failure at {@code at} counts in. */
    public long most(Instant at, int minutes) {
        return RingWindow.most(state.getFailureMinutes(), EventTime.minute(at), minutes);
    }

    /** Failures in the hour before {@code at}, those known to be later left out. */
    public long before(Instant at) {
        long minute = EventTime.minute(at);
        long failures = RingWindow.sum(state.getFailureMinutes(), minute, RingWindow.MINUTES);
        for (FailureStamp f : state.getRecentFailures()) {
            if (f.getAt().isAfter(at) && EventTime.minute(f.getAt()) == minute) {
                failures -= f.getCount();
            }
        }
        for (UnansweredLogin login : state.getUnansweredLogins()) {
            if (login.getCounted() && login.getAt().isAfter(at) && EventTime.minute(login.getAt()) == minute) {
                failures -= login.getCount();
            }
        }
        return failures;
    }

    /** Others that failed within the hour before {@code at}; those without a name are one, named null. */
    public List<@Nullable String> peers(Instant at) {
        return state.getPeers().stream()
                .filter(p -> !p.getFirstAt().isAfter(at) && p.getLastAt().isAfter(at.minus(RUN)))
                .map(FailurePeer::getName)
                .toList();
    }

    /** Failures of the neighbourhood of {@code ip} at this account that were going on within the week before {@code at}. */
    public long near(String ip, Instant at) {
        long failures = 0;
        String prefix = null;
        for (FailurePeer p : state.getPeers()) {
            if (p.getName() == null || !p.getFirstAt().isBefore(at)) {
                continue;
            }
            prefix = prefix == null ? Networks.prefix(ip) : prefix;
            boolean near = Networks.prefix(p.getName()).equals(prefix);
            if (near && p.getLastAt().isAfter(at.minus(REMEMBERED))) {
                failures += p.getCount();
            }
        }
        return failures;
    }

    /** Others that failed within the day before {@code at}. */
    public long peersInDay(Instant at) {
        return state.getPeers().stream()
                .filter(p -> p.getLastAt().isAfter(at.minus(DAY)))
                .count();
    }

    /** Whether all failures within the hour before {@code at} name the same other. */
    public boolean one(Instant at) {
        List<String> peers = peers(at);
        return peers.size() == 1 && peers.get(0) != null;
    }

    void forget() {
        state.setFailureMinutes(null);
        state.getPeers().clear();
        state.getRecentFailures().clear();
        state.getUnansweredLogins().clear();
        state.getRecentLogins().clear();
    }
}
