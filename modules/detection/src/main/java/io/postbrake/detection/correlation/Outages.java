package io.postbrake.detection.correlation;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.event.MailEvent;
import io.postbrake.state.LoginOutage;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a host's authentication server is away: many logins in a row that fail without a wrong password, of several clients or
 * because the server cannot be reached, for longer than it takes to start one anew. Two that are answered end it, for one may
 * come of a session that was open before. Kept in the watermark of the log, which is at hand at each line anyway.
 */
final class Outages {
    private static final long ENOUGH = 10;
    private static final int SEVERAL = 5;
    private static final Duration LASTS = Duration.ofSeconds(30);
    /** Dovecot makes addresses that guess wait longer than Postfix does: some of them together look like an outage for a while. */
    private static final Duration SILENT_LASTS = Duration.ofMinutes(3);
    /** Without a failure for so long it is another one. */
    private static final Duration GAP = Duration.ofMinutes(5);

    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    /** What a login that failed says of the server. */
    enum Sign {
        /** Nobody is there, the host says. */
        UNREACHABLE,
        /** It could not tell. */
        FAULT,
        /** It did not answer in time. */
        SILENCE
    }

    private Outages() {}

    /**
     * One more login failed so.
     *
     * @param clientOrNull who tried, as far as the log tells
     * @return what is to be told now; null for nothing
     */
    static @Nullable LoginOutage failed(
            Watermark w, MailEvent e, @Nullable String clientOrNull, Sign sign, long repeats) {
        Instant at = e.getOccurredAt();
        LoginOutage o = w.getOutage();
        if (o == null || at.isAfter(o.getNewestAt().plus(GAP))) {
            o = new LoginOutage(at, at, 0L, 0L, 0L, new ArrayList<>(), null, null);
            w.setOutage(o);
        }
        o.setNewestAt(at);
        o.setAnswered(null);
        o.setFailures(o.getFailures() + repeats);
        o.setUnreachable(o.getUnreachable() + (sign == Sign.UNREACHABLE ? repeats : 0));
        o.setFaults(o.getFaults() + (sign == Sign.SILENCE ? 0 : repeats));
        if (clientOrNull != null) {
            meet(o, hash(clientOrNull));
        }
        boolean many = o.getFailures() >= ENOUGH
                && (o.getClients().size() >= SEVERAL || o.getUnreachable() >= ENOUGH)
                && !at.isBefore(o.getSince().plus(o.getFaults() >= ENOUGH ? LASTS : SILENT_LASTS));
        boolean due = o.getToldAt() == null || !at.isBefore(o.getToldAt().plus(TOLD_EVERY));
        if (!many || !due) {
            return null;
        }
        o.setToldAt(at);
        return o;
    }

    private static void meet(LoginOutage o, long client) {
        if (o.getClients().size() < SEVERAL && !o.getClients().contains(client)) {
            List<Long> all = new ArrayList<>(o.getClients());
            all.add(client);
            o.setClients(all);
        }
    }

    /** A login was answered, with yes or no; gives the outage that was told and is over by this, or null. */
    static @Nullable LoginOutage answered(Watermark w, MailEvent e, String client) {
        LoginOutage o = w.getOutage();
        if (o == null) {
            return null;
        }
        long one = hash(client);
        boolean calm = !e.getOccurredAt().isBefore(o.getNewestAt().plus(TOLD_EVERY));
        if (!calm && (o.getAnswered() == null || o.getAnswered() == one)) {
            o.setAnswered(one);
            return null;
        }
        w.setOutage(null);
        return o.getToldAt() == null ? null : o;
    }

    private static long hash(String client) {
        return StableIds.of("login", client).getMostSignificantBits();
    }
}
