package io.postbrake.detection.correlation;

import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Joins one host's lines by queue id into submissions: who sent, from where, to how many, and what became of it. */
public final class Correlator {
    private static final Duration QUEUE_LIFE = Duration.ofDays(7);
    private static final Duration UNFINISHED_LIFE = Duration.ofDays(1);
    /** Without a login anybody can leave attempts behind. */
    private static final Duration ANONYMOUS_LIFE = Duration.ofHours(1);
    /** The events topic keeps 35 days: nothing older can come again. */
    private static final Duration WATERMARK_LIFE = Duration.ofDays(36);

    private final SubmissionFactory submissions;
    private final HostLogins logins;

    public Correlator(GeoLookup geo) {
        this.submissions = new SubmissionFactory(geo);
        this.logins = new HostLogins(submissions);
    }

    /** Takes one event of the host that {@code s} remembers; false when its position was seen before and it is dropped. */
    public boolean accept(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        Watermark seen = s.watermark(e.getSourceId(), e.getGeneration());
        if (seen != null && e.getPosition() <= seen.getPosition()) {
            return false;
        }
        Watermark now = HostLogins.at(e, seen);
        if (e.getSaslUsername() != null && e.getKind().equals("client")) {
            logins.succeeded(e, now, out);
        }
        s.putWatermark(now);
        switch (e.getKind()) {
            case "client" -> begun(e, s, out);
            case "pickup" -> submittedLocally(e, s, out);
            case "queued", "held" -> accepted(e, s, out);
            case "delivery" -> delivered(e, s, out);
            case "rejected", "milter_reject" -> refused(e, s, out);
            case "header_check" -> contentRefused(e, s, out);
            case "auth_failed" -> logins.failed(e, Sessions.takeUnavailable(e, s), now, s, out);
            case "login" -> logins.entered(e, now, s, out);
            case "login_failed" -> logins.failedAtDovecot(e, now, s, out);
            case "login_reason" -> Sessions.refusedByNetwork(e, s);
            case "auth_unanswered" -> logins.unanswered(e, now, s, out);
            case "auth_unavailable" -> {
                Sessions.unavailable(e, s);
                logins.unavailable(e, now, s, out);
            }
            case "removed", "expired" -> ended(e, s);
            case "tls" -> Sessions.secured(e, s);
            case "connect", "disconnect", "lost_connection" -> Sessions.over(e, s);
            default -> {
                // Other lines say nothing about who sends what.
            }
        }
        return true;
    }

    /** Whether nothing more is to be expected of a message, so that it may be forgotten. */
    public boolean dead(OpenMessage m, Instant now) {
        Duration life = m.getAccepted() ? QUEUE_LIFE : m.getAccount() == null ? ANONYMOUS_LIFE : UNFINISHED_LIFE;
        return m.getTouchedAt().plus(life).isBefore(now);
    }

    /** Whether no event of the watermark's source can come any more, so that it may be forgotten. */
    public boolean dead(Watermark w, Instant now) {
        return w.getSeenAt() != null && w.getSeenAt().plus(WATERMARK_LIFE).isBefore(now);
    }

    private void begun(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        String account = SubmissionFactory.login(e.getSaslUsername());
        String ip = SubmissionFactory.address(e.getClientIp());
        if (e.getQueueId() == null) {
            // A proxy before the queue: the message gets its id when the proxy passes it on.
            if (account != null && ip != null) {
                Sessions.proxied(e, account, ip, s);
                out.accept(submissions.of(Phase.ATTEMPT, e, null));
            }
            return;
        }
        OpenMessage session = Sessions.of(e, s);
        OpenMessage hold = Sessions.takeHold(session, e, s);
        OpenMessage origin = e.getOrigQueueId() == null ? null : s.message(e.getOrigQueueId());
        OpenMessage proxied = account == null && origin == null ? Sessions.behindProxy(e, ip, s) : null;
        boolean later = account == null
                && proxied == null
                && (e.getOrigQueueId() != null || SubjectKeys.loopback(e.getClientIp()));
        OpenMessage m = new OpenMessage();
        m.setHostId(e.getHostId());
        m.setQueueId(e.getQueueId());
        m.setAccount(account);
        m.setSaslMethod(e.getSaslMethod());
        m.setTls(account == null ? null : Sessions.protocol(session, e));
        m.setService(account == null ? null : Sessions.service(e));
        m.setClientName(e.getClientName());
        m.setClientIp(ip);
        m.setFrom(e.getFrom());
        m.setOriginQueueId(e.getOrigQueueId());
        m.setBlockRef(hold == null ? null : hold.getBlockRef());
        m.setReinjected(later);
        m.setStartedAt(e.getOccurredAt());
        m.setTouchedAt(e.getOccurredAt());
        if (later && origin != null) {
            belongs(m, origin);
        } else if (proxied != null) {
            m.setAccount(proxied.getAccount());
            m.setSaslMethod(proxied.getSaslMethod());
        }
        s.putMessage(e.getQueueId(), m);
        boolean attempted = proxied != null || (hold != null && hold.getAccount() != null);
        if (!later && !attempted) {
            out.accept(submissions.of(Phase.ATTEMPT, e, m));
        }
        if (hold != null) {
            accepted(e, s, out);
        }
    }

    private void submittedLocally(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        if (e.getQueueId() == null) {
            return;
        }
        OpenMessage m = OpenMessage.newBuilder()
                .setHostId(e.getHostId())
                .setQueueId(e.getQueueId())
                .setFrom(e.getFrom())
                .setLocalUid(e.getUid())
                .setStartedAt(e.getOccurredAt())
                .setTouchedAt(e.getOccurredAt())
                .build();
        s.putMessage(e.getQueueId(), m);
        out.accept(submissions.of(Phase.ATTEMPT, e, m));
    }

    private void accepted(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage known = known(e, s);
        if (known == null) {
            heldBefore(e, s, out);
            return;
        }
        boolean first = !known.getAccepted();
        OpenMessage m = touched(known, e);
        m.setAccepted(true);
        if (e.getFrom() != null) {
            m.setFrom(e.getFrom());
        }
        if (e.getSize() != null) {
            m.setSize(e.getSize());
        }
        if (e.getNrcpt() != null) {
            m.setRecipients(e.getNrcpt());
        }
        if (e.getBlockRef() != null) {
            m.setBlockRef(e.getBlockRef());
        }
        s.putMessage(e.getQueueId(), m);
        if (first && !m.getReinjected()) {
            Submission accepted = submissions.of(Phase.ACCEPTED, e, m);
            accepted.setRecipients(m.getRecipients() == null ? 1L : m.getRecipients());
            accepted.setBlockRef(m.getBlockRef());
            accepted.setStartedAt(m.getStartedAt());
            accepted.setService(m.getService());
            out.accept(accepted);
        }
    }

    /**
     * The first recipient's hold is logged before client= and without a queue id: an attempt that names the block. The
     * message that follows in the session is accepted mail on hold.
     */
    private void heldBefore(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        if (!e.getKind().equals("held")) {
            return;
        }
        String account = SubmissionFactory.login(e.getSaslUsername());
        if (e.getQueueId() == null) {
            Sessions.held(e, account, s);
        }
        if (account != null) {
            out.accept(submissions.of(Phase.ATTEMPT, e, null));
        }
    }

    private void delivered(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage known = known(e, s);
        if (known == null) {
            return;
        }
        OpenMessage m = touched(known, e);
        if (e.getNextQueueId() != null) {
            m.setNextQueueId(e.getNextQueueId());
            link(known, e.getNextQueueId(), s);
        }
        s.putMessage(e.getQueueId(), m);
        out.accept(submissions.of(Phase.OUTCOME, e, m));
    }

    /** A later leg that did not log in belongs to the account of the leg before. */
    private static void link(OpenMessage origin, String nextQueueId, CorrelationState s) {
        OpenMessage later = nextQueueId.equals(origin.getQueueId()) ? null : s.message(nextQueueId);
        if (later == null || (later.getAccount() != null && !later.getReinjected())) {
            return;
        }
        belongs(later, origin);
        later.setReinjected(true);
        s.putMessage(nextQueueId, later);
    }

    /** Whose message this is was settled at the leg before. */
    private static void belongs(OpenMessage later, OpenMessage origin) {
        later.setAccount(origin.getAccount());
        later.setSaslMethod(origin.getSaslMethod());
        later.setTls(origin.getTls());
        later.setClientName(origin.getClientName());
        later.setClientIp(origin.getClientIp());
        later.setLocalUid(origin.getLocalUid());
        later.setOriginQueueId(origin.getQueueId());
    }

    private static OpenMessage touched(OpenMessage known, MailEvent e) {
        known.setTouchedAt(e.getOccurredAt());
        return known;
    }

    private void refused(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage m = known(e, s);
        if (m != null) {
            m = touched(m, e);
            // A content refused whole is thrown away without a line of its own.
            if ("END-OF-MESSAGE".equals(e.getStage())) {
                s.removeMessage(e.getQueueId());
            } else {
                s.putMessage(e.getQueueId(), m);
            }
        }
        Submission refused = submissions.of(Phase.REFUSED, e, m);
        refused.setRefusedBy(Refusal.by(e));
        out.accept(refused);
    }

    /** Rules on a message's text refuse it whole; what belongs to no login is left to the rules. */
    private void contentRefused(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage m = Refusal.ofContent(e) ? known(e, s) : null;
        if (m != null && m.getAccount() != null) {
            refused(e, s, out);
            s.removeMessage(e.getQueueId());
        }
    }

    private static void ended(MailEvent e, CorrelationState s) {
        if (e.getQueueId() != null) {
            s.removeMessage(e.getQueueId());
        }
    }

    private static @Nullable OpenMessage known(MailEvent e, CorrelationState s) {
        return e.getQueueId() == null ? null : s.message(e.getQueueId());
    }
}
