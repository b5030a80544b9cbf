package io.postbrake.detection.profile;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.FrontEnd;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Addresses nearby that an account logs in from, and whether they are many accounts' together: a webmail, a container's gateway, a
 * proxy that hides its clients. Whoever has the password comes from there, so that such a place says nothing for the owner. Of public
 * addresses only those are such that accounts of many domains come back to: an office's colleagues are behind one, too.
 */
public final class FrontEnds {
    private static final int MAX = 4;
    private static final Duration TOLD_EVERY = Duration.ofDays(1);
    private static final Duration SHARED = Duration.ofDays(30);
    private static final Comparator<FrontEnd> ORDER =
            Comparator.comparing(FrontEnd::getToldAt).thenComparingLong(FrontEnd::getPlace);

    private final SubjectState state;

    FrontEnds(SubjectState state) {
        this.state = state;
    }

    /** Key of the front end that is to be told of this login of the account, which is once a day; empty when none is. */
    public Optional<String> tells(Submission login) {
        String key = SubjectKeys.frontEnd(login);
        if (key == null) {
            return Optional.empty();
        }
        Instant at = login.getOccurredAt();
        FrontEnd known = find(key);
        if (known != null && at.isBefore(known.getToldAt().plus(TOLD_EVERY))) {
            return Optional.empty();
        }
        seen(key, known, at);
        return Optional.of(key);
    }

    private FrontEnd seen(String key, @Nullable FrontEnd knownOrNull, Instant at) {
        List<FrontEnd> all = state.getFrontEnds();
        FrontEnd one = knownOrNull == null
                ? new FrontEnd(place(key), at, null, SubjectKeys.is(SubjectKeys.CLIENT_IP, key))
                : knownOrNull;
        if (knownOrNull == null) {
            all.add(one);
        } else if (at.isAfter(one.getToldAt())) {
            one.setToldAt(at);
        }
        all.sort(ORDER);
        if (all.size() > MAX) {
            all.remove(0);
        }
        return one;
    }

    /** The front end with this key, or a public address, said that many accounts log in from there. */
    public void shared(String key, Instant at) {
        FrontEnd known = find(key);
        if (SubjectKeys.is(SubjectKeys.CLIENT_IP, key)) {
            // It tells by itself, and whoever is told has just logged in there.
            known = seen(key, known, at);
        }
        if (known != null && (known.getSharedAt() == null || at.isAfter(known.getSharedAt()))) {
            known.setSharedAt(at);
        }
    }

    /** Whether the event comes from an address nearby where many accounts log in. */
    boolean shared(Submission e) {
        if (!any(e.getOccurredAt())) {
            return false;
        }
        String key = SubjectKeys.frontEnd(e);
        return key != null && shared(key, e);
    }

    /** Whether the event comes from a public address where accounts of many domains log in. */
    boolean crowded(Submission e) {
        return !state.getFrontEnds().isEmpty()
                && SubjectKeys.addressable(e.getClientIp())
                && !SubjectKeys.nearby(e.getClientIp())
                && shared(SubjectKeys.client(e.getClientIp()), e);
    }

    private boolean shared(String key, Submission e) {
        FrontEnd known = find(key);
        return known != null && shared(known, e.getOccurredAt());
    }

    /** Whether the account lately logged in where many do, nearby. A public address may be a carrier's all the same. */
    public boolean any(Instant at) {
        for (FrontEnd one : state.getFrontEnds()) {
            if (!one.getIsPublic() && shared(one, at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean shared(FrontEnd one, Instant at) {
        return one.getSharedAt() != null && at.isBefore(one.getSharedAt().plus(SHARED));
    }

    private @Nullable FrontEnd find(String key) {
        long place = place(key);
        for (FrontEnd one : state.getFrontEnds()) {
            if (one.getPlace() == place) {
                return one;
            }
        }
        return null;
    }

    private static long place(String key) {
        return StableIds.of(SubjectKeys.FRONT_END, key).getMostSignificantBits();
    }
}
