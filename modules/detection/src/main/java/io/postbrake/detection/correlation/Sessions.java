package io.postbrake.detection.correlation;

import io.postbrake.event.MailEvent;
import io.postbrake.state.OpenMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client's session announced before its message had a queue id: its TLS protocol, a hold ({@code accepted} is set and
 * {@code startedAt} is the hold's time), or a login at a proxy before the queue.
 * Kept among the host's messages under names that no queue id can have, so that it is bounded and forgotten like them.
 */
final class Sessions {
    private static final Duration HOLD_FOLLOWED = Duration.ofMinutes(10);
    private static final Duration PROXY_FOLLOWED = Duration.ofMinutes(5);

    /** Lines of one process about one attempt follow each other at once. */
    private static final Duration SAME_ATTEMPT = Duration.ofSeconds(15);

    private static final int LONGEST = 16;
    private static final int LONGEST_SERVICE = 64;

    private Sessions() {}

    /** Remembers a hold that stands before the message's own line; service and process name the session. */
    static void held(MailEvent e, @Nullable String account, CorrelationState s) {
        if (e.getPid() != null) {
            OpenMessage session = known(e, s);
            session.setAccepted(true);
            session.setAccount(account);
            session.setBlockRef(e.getBlockRef());
            session.setStartedAt(e.getOccurredAt());
            s.putMessage(session.getQueueId(), session);
        }
    }

    /**
     * What the session of a message announced, or null: one read, for nearly every message begins a session without
     * anything pending but its TLS protocol.
     */
    static @Nullable OpenMessage of(MailEvent e, CorrelationState s) {
        return e.getPid() == null ? null : s.message(sessionKey(e));
    }

    /** The hold that this session's message comes under, or null; asked once. */
    static @Nullable OpenMessage takeHold(@Nullable OpenMessage sessionOrNull, MailEvent e, CorrelationState s) {
        if (sessionOrNull == null || !sessionOrNull.getAccepted()) {
            return null;
        }
        if (sessionOrNull.getTls() == null) {
            s.removeMessage(sessionOrNull.getQueueId());
        } else {
            OpenMessage left = pending(e, sessionOrNull.getQueueId());
            left.setClientIp(sessionOrNull.getClientIp());
            left.setTls(sessionOrNull.getTls());
            s.putMessage(left.getQueueId(), left);
        }
        Instant end = sessionOrNull.getStartedAt().plus(HOLD_FOLLOWED);
        return end.isBefore(e.getOccurredAt()) ? null : sessionOrNull;
    }

    /** Remembers that the process could not reach its authentication server. */
    static void unavailable(MailEvent e, CorrelationState s) {
        if (e.getPid() != null) {
            String key = unavailableKey(e);
            s.putMessage(key, pending(e, key));
        }
    }

    /** Whether the process said right before that it could not reach its authentication server; asked once. */
    static boolean takeUnavailable(MailEvent e, CorrelationState s) {
        OpenMessage said = e.getPid() == null ? null : s.message(unavailableKey(e));
        if (said == null) {
            return false;
        }
        s.removeMessage(said.getQueueId());
        return recent(said, e, SAME_ATTEMPT);
    }

    /**
     * Counts the logins of a connection that were refused for where they came from: its end says "auth failed" of them, as of a
     * wrong password, and how many all of them were.
     */
    static void refusedByNetwork(MailEvent e, CorrelationState s) {
        boolean byNetwork = e.getReason() != null
                && (e.getReason().startsWith("allow_nets check failed")
                        || e.getReason().startsWith("Authentication failure due to policy server refusal"));
        if (byNetwork && e.getSession() != null) {
            String key = networkKey(e.getSession());
            OpenMessage before = s.message(key);
            OpenMessage refused = pending(e, key);
            refused.setRecipients(count(before) + Math.max(1, e.getRepeats()));
            s.putMessage(key, refused);
        }
    }

    private static long count(@Nullable OpenMessage refusedOrNull) {
        if (refusedOrNull == null) {
            return 0;
        }
        // One that an earlier build kept has no number.
        return refusedOrNull.getRecipients() == null ? 1 : refusedOrNull.getRecipients();
    }

    /** How often that was said of the connection; asked once. */
    static long takeRefusedByNetwork(MailEvent e, CorrelationState s) {
        OpenMessage said = e.getSession() == null ? null : s.message(networkKey(e.getSession()));
        if (said == null) {
            return 0;
        }
        s.removeMessage(said.getQueueId());
        return count(said);
    }

    /** The session's process serves another client from now on. */
    static void over(MailEvent e, CorrelationState s) {
        if (of(e, s) != null) {
            s.removeMessage(sessionKey(e));
        }
    }

    /** Remembers which TLS protocol a client's session speaks. */
    static void secured(MailEvent e, CorrelationState s) {
        if (e.getPid() != null && e.getClientIp() != null && e.getTls() != null) {
            OpenMessage session = known(e, s);
            session.setClientIp(e.getClientIp());
            session.setTls(e.getTls().length() > LONGEST ? e.getTls().substring(0, LONGEST) : e.getTls());
            s.putMessage(session.getQueueId(), session);
        }
    }

    /** The TLS protocol of the session; null without one. */
    static @Nullable String protocol(@Nullable OpenMessage sessionOrNull, MailEvent e) {
        return sessionOrNull != null
                        && e.getClientIp() != null
                        && e.getClientIp().equals(sessionOrNull.getClientIp())
                ? sessionOrNull.getTls()
                : null;
    }

    /** Remembers a login at a proxy before the queue; the message itself comes from the proxy. */
    static void proxied(MailEvent e, String account, String ip, CorrelationState s) {
        String key = proxyKey(ip);
        OpenMessage before = s.message(key);
        boolean other = before != null
                && recent(before, e, PROXY_FOLLOWED)
                && (before.getAmbiguous() || !account.equals(before.getAccount()));
        OpenMessage login = pending(e, key);
        login.setAccount(account);
        login.setSaslMethod(e.getSaslMethod());
        login.setAmbiguous(other);
        s.putMessage(key, login);
    }

    /** The login behind a message that a proxy passed on for the client {@code ip}; null when it is not certain. */
    static @Nullable OpenMessage behindProxy(MailEvent e, @Nullable String ip, CorrelationState s) {
        OpenMessage login = ip == null || e.getProxyIp() == null ? null : s.message(proxyKey(ip));
        return login == null || login.getAmbiguous() || !recent(login, e, PROXY_FOLLOWED) ? null : login;
    }

    /** The service as its own log names it, such as {@code postfix/submission/smtpd}; null when it does not. */
    static @Nullable String service(MailEvent e) {
        String name = e.getSyslogName();
        return name == null || name.length() <= LONGEST_SERVICE ? name : name.substring(0, LONGEST_SERVICE);
    }

    private static OpenMessage pending(MailEvent e, String key) {
        OpenMessage pending = new OpenMessage();
        pending.setHostId(e.getHostId());
        pending.setQueueId(key);
        pending.setStartedAt(e.getOccurredAt());
        pending.setTouchedAt(e.getOccurredAt());
        return pending;
    }

    private static boolean recent(OpenMessage pending, MailEvent e, Duration within) {
        return !pending.getTouchedAt().plus(within).isBefore(e.getOccurredAt());
    }

    private static OpenMessage known(MailEvent e, CorrelationState s) {
        OpenMessage session = of(e, s);
        if (session == null) {
            return pending(e, sessionKey(e));
        }
        session.setTouchedAt(e.getOccurredAt());
        return session;
    }

    private static String sessionKey(MailEvent e) {
        return "session/" + e.getService() + '/' + e.getPid();
    }

    private static String unavailableKey(MailEvent e) {
        return "unavailable/" + e.getService() + '/' + e.getPid();
    }

    private static String networkKey(String session) {
        return "refused-network/" + session;
    }

    private static String proxyKey(String ip) {
        return "proxy/" + ip.toLowerCase(Locale.ROOT);
    }
}
