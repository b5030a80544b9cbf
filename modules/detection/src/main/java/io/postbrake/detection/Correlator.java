package io.postbrake.detection;

import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;

/** Joins one host's lines by queue id into submissions: who sent, from where, to how many, and what became of it. */
public final class Correlator {
    private static final Duration QUEUE_LIFE = Duration.ofDays(7);
    private static final Duration UNFINISHED_LIFE = Duration.ofDays(1);
    /** Without a login anybody can leave attempts behind. */
    private static final Duration ANONYMOUS_LIFE = Duration.ofHours(1);
    /** The events topic keeps 35 days: nothing older can come again. */
    private static final Duration WATERMARK_LIFE = Duration.ofDays(36);

    private final GeoLookup geo;

    public Correlator(GeoLookup geo) {
        this.geo = geo;
    }

    /** Takes one event of the host that {@code s} remembers; false when its position was seen before and it is dropped. */
    public boolean accept(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        Watermark seen = s.watermark(e.getSourceId(), e.getGeneration());
        if (seen != null && e.getPosition() <= seen.getPosition()) {
            return false;
        }
        s.putWatermark(new Watermark(e.getSourceId(), e.getGeneration(), e.getPosition(), e.getReadAt()));
        switch (e.getKind()) {
            case "client" -> begun(e, s, out);
            case "pickup" -> submittedLocally(e, s, out);
            case "queued", "held" -> accepted(e, s, out);
            case "delivery" -> delivered(e, s, out);
            case "rejected", "milter_reject" -> refused(e, s, out);
            case "auth_failed" -> failed(e, out);
            case "removed", "expired" -> ended(e, s);
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
        String account = login(e.getSaslUsername());
        String ip = address(e.getClientIp());
        if (e.getQueueId() == null) {
            // A proxy before the queue: the message gets its id when the proxy passes it on.
            if (account != null && ip != null) {
                Sessions.proxied(e, account, ip, s);
                out.accept(of("ATTEMPT", e, null).build());
            }
            return;
        }
        OpenMessage hold = Sessions.takeHold(e, s);
        OpenMessage origin = e.getOrigQueueId() == null ? null : s.message(e.getOrigQueueId());
        OpenMessage proxied = account == null && origin == null ? Sessions.behindProxy(e, ip, s) : null;
        boolean later = account == null
                && proxied == null
                && (e.getOrigQueueId() != null || SubjectKeys.loopback(e.getClientIp()));
        OpenMessage.Builder next = OpenMessage.newBuilder()
                .setHostId(e.getHostId())
                .setQueueId(e.getQueueId())
                .setAccount(account)
                .setSaslMethod(e.getSaslMethod())
                .setClientName(e.getClientName())
                .setClientIp(ip)
                .setFrom(e.getFrom())
                .setOriginQueueId(e.getOrigQueueId())
                .setBlockRef(hold == null ? null : hold.getBlockRef())
                .setReinjected(later)
                .setStartedAt(e.getOccurredAt())
                .setTouchedAt(e.getOccurredAt());
        if (later && origin != null) {
            belongs(next, origin);
        } else if (proxied != null) {
            next.setAccount(proxied.getAccount()).setSaslMethod(proxied.getSaslMethod());
        }
        OpenMessage m = next.build();
        s.putMessage(e.getQueueId(), m);
        boolean told = proxied != null || (hold != null && hold.getAccount() != null);
        if (!later && !told) {
            out.accept(of("ATTEMPT", e, m).build());
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
        out.accept(of("ATTEMPT", e, m).build());
    }

    private void accepted(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage known = known(e, s);
        if (known == null) {
            heldBefore(e, s, out);
            return;
        }
        boolean first = !known.getAccepted();
        OpenMessage.Builder next =
                OpenMessage.newBuilder(known).setAccepted(true).setTouchedAt(e.getOccurredAt());
        if (e.getFrom() != null) {
            next.setFrom(e.getFrom());
        }
        if (e.getSize() != null) {
            next.setSize(e.getSize());
        }
        if (e.getNrcpt() != null) {
            next.setRecipients(e.getNrcpt());
        }
        if (e.getBlockRef() != null) {
            next.setBlockRef(e.getBlockRef());
        }
        OpenMessage m = next.build();
        s.putMessage(e.getQueueId(), m);
        if (first && !m.getReinjected()) {
            out.accept(of("ACCEPTED", e, m)
                    .setRecipients(m.getRecipients() == null ? 1L : m.getRecipients())
                    .setBlockRef(m.getBlockRef())
                    .build());
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
        String account = login(e.getSaslUsername());
        if (e.getQueueId() == null) {
            Sessions.held(e, account, s);
        }
        if (account != null) {
            out.accept(of("ATTEMPT", e, null).build());
        }
    }

    private void delivered(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage known = known(e, s);
        if (known == null) {
            return;
        }
        OpenMessage.Builder next = OpenMessage.newBuilder(known).setTouchedAt(e.getOccurredAt());
        if (e.getNextQueueId() != null) {
            next.setNextQueueId(e.getNextQueueId());
            link(known, e.getNextQueueId(), s);
        }
        OpenMessage m = next.build();
        s.putMessage(e.getQueueId(), m);
        out.accept(of("OUTCOME", e, m).build());
    }

    /** A later leg that did not log in belongs to the account of the leg before. */
    private static void link(OpenMessage origin, String nextQueueId, CorrelationState s) {
        OpenMessage later = nextQueueId.equals(origin.getQueueId()) ? null : s.message(nextQueueId);
        if (later == null || (later.getAccount() != null && !later.getReinjected())) {
            return;
        }
        OpenMessage.Builder next = OpenMessage.newBuilder(later);
        belongs(next, origin);
        s.putMessage(nextQueueId, next.setReinjected(true).build());
    }

    /** Whose message this is was settled at the leg before. */
    private static void belongs(OpenMessage.Builder later, OpenMessage origin) {
        later.setAccount(origin.getAccount())
                .setSaslMethod(origin.getSaslMethod())
                .setClientName(origin.getClientName())
                .setClientIp(origin.getClientIp())
                .setLocalUid(origin.getLocalUid())
                .setOriginQueueId(origin.getQueueId());
    }

    private void refused(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage m = known(e, s);
        if (m != null) {
            m = OpenMessage.newBuilder(m).setTouchedAt(e.getOccurredAt()).build();
            // A content refused whole is thrown away without a line of its own.
            if ("END-OF-MESSAGE".equals(e.getStage())) {
                s.removeMessage(e.getQueueId());
            } else {
                s.putMessage(e.getQueueId(), m);
            }
        }
        out.accept(of("REFUSED", e, m).build());
    }

    private void failed(MailEvent e, Consumer<Submission> out) {
        String reason = e.getReason();
        if (reason != null && reason.toLowerCase(Locale.ROOT).contains("connection lost to authentication server")) {
            return;
        }
        out.accept(of("AUTH_FAILED", e, null).build());
    }

    private static void ended(MailEvent e, CorrelationState s) {
        if (e.getQueueId() != null) {
            s.removeMessage(e.getQueueId());
        }
    }

    private static OpenMessage known(MailEvent e, CorrelationState s) {
        return e.getQueueId() == null ? null : s.message(e.getQueueId());
    }

    private Submission.Builder of(String phase, MailEvent e, OpenMessage m) {
        String account = login(e.getSaslUsername());
        String ip = address(e.getClientIp());
        if (m != null) {
            account = account == null ? m.getAccount() : account;
            ip = m.getClientIp() == null ? ip : m.getClientIp();
        }
        GeoInfo place = ip == null ? GeoInfo.UNKNOWN : geo.lookup(ip);
        return Submission.newBuilder()
                .setPhase(phase)
                .setHostId(e.getHostId())
                .setQueueId(e.getQueueId())
                .setOriginQueueId(m == null ? e.getOrigQueueId() : m.getOriginQueueId())
                .setAccount(account)
                .setSaslMethod(m == null ? e.getSaslMethod() : m.getSaslMethod())
                .setClientName(m == null ? e.getClientName() : m.getClientName())
                .setClientIp(ip)
                .setCountry(place.country())
                .setCity(place.city())
                .setLatitude(place.latitude())
                .setLongitude(place.longitude())
                .setRadiusKm(place.radiusKm())
                .setAsn(place.asn())
                .setAsOrganisation(place.asOrganisation())
                .setNetwork(place.network())
                .setFrom(m == null || m.getFrom() == null ? e.getFrom() : m.getFrom())
                .setTo(e.getTo())
                .setSize(m == null ? e.getSize() : m.getSize())
                .setStatus(e.getStatus())
                .setDsn(e.getDsn())
                .setRelay(e.getRelay())
                .setReplyCode(e.getReplyCode())
                .setReason(e.getReason())
                .setBlockRef(e.getBlockRef())
                .setHelo(e.getHelo())
                .setLocalUid(m == null ? e.getUid() : m.getLocalUid())
                .setRepeats(Math.max(1, e.getRepeats()))
                .setOccurredAt(e.getOccurredAt())
                .setReadAt(e.getReadAt())
                .setSourceId(e.getSourceId())
                .setGeneration(e.getGeneration())
                .setPosition(e.getPosition());
    }

    private static String login(String logged) {
        return logged == null || logged.isBlank() ? null : logged.toLowerCase(Locale.ROOT);
    }

    private static String address(String logged) {
        return logged == null || logged.isBlank() || logged.equalsIgnoreCase("unknown")
                ? null
                : logged.toLowerCase(Locale.ROOT);
    }
}
