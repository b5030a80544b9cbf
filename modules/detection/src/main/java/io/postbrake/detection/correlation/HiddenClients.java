package io.postbrake.detection.correlation;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.state.NearbyLogins;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether nearly all of a host's logins come from one address of its own or of a private network, so that nobody's own address is
 * known. Counted in the watermark of the log; nothing is kept for a host without logins from nearby. An account that sends much counts
 * once until another one logs in, so that a thief in a webmail does not make it look like everybody.
 */
final class HiddenClients {
    private static final long ENOUGH = 40;
    private static final double NEARLY_ALL = 0.8;
    private static final Duration LONG_ENOUGH = Duration.ofHours(6);
    private static final Duration ANEW = Duration.ofDays(1);

    private HiddenClients() {}

    /** Counts a login; gives what was counted when nearly all came from the address of this one, or null. */
    static @Nullable NearbyLogins count(Watermark w, MailEvent e) {
        String ip = SubmissionFactory.address(e.getClientIp());
        NearbyLogins n = w.getNearby();
        boolean nearby = SubjectKeys.nearby(ip);
        if (ip == null || (n == null && !nearby)) {
            return null;
        }
        Instant at = e.getOccurredAt();
        long account = StableIds.of("login", e.getSaslUsername()).getMostSignificantBits();
        long place = nearby ? StableIds.of("nearby", ip).getMostSignificantBits() : 0;
        if (n == null
                || !at.isBefore(n.getSince().plus(ANEW))
                || (nearby && place != n.getPlace() && n.getElsewhere() >= n.getThere())) {
            w.setNearby(nearby ? new NearbyLogins(at, place, 1L, 0L, account) : null);
            return null;
        }
        if (n.getNewest() == account) {
            return null;
        }
        n.setNewest(account);
        boolean there = nearby && place == n.getPlace();
        n.setThere(n.getThere() + (there ? 1 : 0));
        n.setElsewhere(n.getElsewhere() + (there ? 0 : 1));
        long all = n.getThere() + n.getElsewhere();
        boolean nearlyAll = there
                && all >= ENOUGH
                && n.getThere() >= NEARLY_ALL * all
                && !at.isBefore(n.getSince().plus(LONG_ENOUGH));
        if (nearlyAll) {
            w.setNearby(null);
        }
        return nearlyAll ? n : null;
    }
}
