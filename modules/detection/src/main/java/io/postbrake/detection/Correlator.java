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

    private final GeoLookup geo;

    public Correlator(GeoLookup geo) {
        this.geo = geo;
    }

    /** Takes one event of the host that {@code s} remembers; what was seen before is dropped. */
    public void accept(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        Watermark seen = s.watermark(e.getSourceId(), e.getGeneration());
        if (seen != null && e.getPosition() <= seen.getPosition()) {
            return;
        }
        s.putWatermark(new Watermark(e.getSourceId(), e.getGeneration(), e.getPosition()));
        switch (e.getKind()) {
            case "client" -> begun(e, s, out);
            case "queued", "held" -> accepted(e, s, out);
            case "delivery" -> delivered(e, s, out);
            case "rejected" -> refused(e, s, out);
            case "auth_failed" -> failed(e, out);
            case "pickup", "removed", "expired" -> ended(e, s);
            default -> {
                // Other lines say nothing about who sends what.
            }
        }
    }

    /** Whether nothing more is to be expected of a message, so that it may be forgotten. */
    public boolean dead(OpenMessage m, Instant now) {
        Duration life = m.getAccepted() ? QUEUE_LIFE : UNFINISHED_LIFE;
        return m.getTouchedAt().plus(life).isBefore(now);
    }

    private void begun(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        if (e.getQueueId() == null) {
            return;
        }
        OpenMessage origin = e.getOrigQueueId() == null ? null : s.message(e.getOrigQueueId());
        String account = login(e.getSaslUsername());
        boolean later = account == null && (e.getOrigQueueId() != null || SubjectKeys.loopback(e.getClientIp()));
        OpenMessage m = OpenMessage.newBuilder()
                .setHostId(e.getHostId())
                .setQueueId(e.getQueueId())
                .setAccount(later && origin != null ? origin.getAccount() : account)
                .setSaslMethod(later && origin != null ? origin.getSaslMethod() : e.getSaslMethod())
                .setClientName(later && origin != null ? origin.getClientName() : e.getClientName())
                .setClientIp(later && origin != null ? origin.getClientIp() : address(e.getClientIp()))
                .setFrom(e.getFrom())
                .setOriginQueueId(e.getOrigQueueId())
                .setReinjected(later)
                .setStartedAt(e.getOccurredAt())
                .setTouchedAt(e.getOccurredAt())
                .build();
        s.putMessage(e.getQueueId(), m);
        if (!later) {
            out.accept(of("ATTEMPT", e, m).build());
        }
    }

    private void accepted(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage known = known(e, s);
        if (known == null) {
            // A hold is logged before client= when the first recipient triggers it: an attempt that names the block.
            if (e.getKind().equals("held") && login(e.getSaslUsername()) != null) {
                out.accept(of("ATTEMPT", e, null).build());
            }
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
        OpenMessage m = next.build();
        s.putMessage(e.getQueueId(), m);
        if (first && !m.getReinjected()) {
            out.accept(of("ACCEPTED", e, m)
                    .setRecipients(m.getRecipients() == null ? 1L : m.getRecipients())
                    .build());
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
        s.putMessage(
                nextQueueId,
                OpenMessage.newBuilder(later)
                        .setAccount(origin.getAccount())
                        .setSaslMethod(origin.getSaslMethod())
                        .setClientName(origin.getClientName())
                        .setClientIp(origin.getClientIp())
                        .setOriginQueueId(origin.getQueueId())
                        .setReinjected(true)
                        .build());
    }

    private void refused(MailEvent e, CorrelationState s, Consumer<Submission> out) {
        OpenMessage m = known(e, s);
        if (m != null) {
            m = OpenMessage.newBuilder(m).setTouchedAt(e.getOccurredAt()).build();
            s.putMessage(e.getQueueId(), m);
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
