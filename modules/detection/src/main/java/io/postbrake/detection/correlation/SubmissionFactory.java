package io.postbrake.detection.correlation;

import io.postbrake.detection.subject.Phase;
import io.postbrake.event.ListedOn;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.Listing;
import io.postbrake.state.OpenMessage;
import io.postbrake.subject.Logins;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Puts together what an event says, what is known of its message, and where the client is. */
final class SubmissionFactory {
    private static final String OWN = "127.0.0.1";

    private final GeoLookup geo;

    SubmissionFactory(GeoLookup geo) {
        this.geo = geo;
    }

    /** Plain setters: this is made for nearly every line, and a builder asks the schema about each field. */
    Submission of(Phase phase, MailEvent e, @Nullable OpenMessage m) {
        String account = login(e.getSaslUsername());
        String ip = isOwn(e) ? OWN : address(e.getClientIp());
        if (m != null) {
            account = account == null ? m.getAccount() : account;
            ip = m.getClientIp() == null ? ip : m.getClientIp();
        }
        GeoInfo place = ip == null ? GeoInfo.UNKNOWN : geo.lookup(ip);
        Submission s = new Submission();
        s.setPhase(phase.name());
        s.setHostId(e.getHostId());
        s.setQueueId(e.getQueueId());
        s.setOriginQueueId(m == null ? e.getOrigQueueId() : m.getOriginQueueId());
        // One that an earlier build kept may not be folded.
        s.setAccount(login(account));
        s.setSaslMethod(m == null ? e.getSaslMethod() : m.getSaslMethod());
        s.setClientName(m == null ? e.getClientName() : m.getClientName());
        s.setClientIp(ip);
        s.setCountry(place.country());
        s.setCity(place.city());
        s.setLatitude(place.latitude());
        s.setLongitude(place.longitude());
        s.setRadiusKm(place.radiusKm());
        s.setAsn(place.asn());
        s.setAsOrganisation(place.asOrganisation());
        s.setNetwork(place.network());
        s.setListed(ip == null ? null : listed(geo.listed(ip, place.asn())));
        s.setFrom(m == null || m.getFrom() == null ? e.getFrom() : m.getFrom());
        s.setTo(e.getTo());
        s.setSize(m == null ? e.getSize() : m.getSize());
        s.setStatus(e.getStatus());
        s.setDsn(e.getDsn());
        s.setRelay(e.getRelay());
        s.setTls(m == null ? null : m.getTls());
        s.setReplyCode(e.getReplyCode());
        s.setReason(e.getReason());
        s.setBlockRef(e.getBlockRef());
        s.setHelo(e.getHelo());
        s.setLocalUid(m == null ? e.getUid() : m.getLocalUid());
        s.setRepeats(Math.max(1, e.getRepeats()));
        s.setOccurredAt(e.getOccurredAt());
        s.setReadAt(e.getReadAt());
        s.setSourceId(e.getSourceId());
        s.setGeneration(e.getGeneration());
        s.setPosition(e.getPosition());
        return s;
    }

    /** Whether the host is its own client, such as a webmail that connects to the host's public name. */
    private static boolean isOwn(MailEvent e) {
        return e.getClientIp() != null && e.getClientIp().equals(e.getLocalIp());
    }

    /** What a service of Dovecot says of a login. */
    Submission atDovecot(Phase phase, MailEvent e) {
        Submission s = of(phase, e, null);
        s.setTls(e.getTls());
        s.setService(e.getService());
        s.setSession(e.getSession());
        return s;
    }

    /** Most addresses are on no list, and no list is no more than nothing. */
    private static @Nullable List<ListedOn> listed(List<Listing> listings) {
        if (listings.isEmpty()) {
            return null;
        }
        List<ListedOn> all = new ArrayList<>();
        for (Listing listing : listings) {
            Instant since = listing.since();
            all.add(ListedOn.newBuilder()
                    .setList(listing.list())
                    .setKind(listing.kind())
                    .setSince(since == null ? null : since.truncatedTo(ChronoUnit.MILLIS))
                    .build());
        }
        return all;
    }

    /** Something about the host altogether, not about whoever happened to be the newest there. */
    static Submission ofHost(Phase phase, MailEvent e) {
        Submission s = new Submission();
        s.setPhase(phase.name());
        s.setHostId(e.getHostId());
        s.setRepeats(1L);
        s.setOccurredAt(e.getOccurredAt());
        s.setReadAt(e.getReadAt());
        s.setSourceId(e.getSourceId());
        s.setGeneration(e.getGeneration());
        s.setPosition(e.getPosition());
        return s;
    }

    /** The login in the form of its subject; null for none. */
    static @Nullable String login(@Nullable String logged) {
        return logged == null || logged.isBlank() ? null : Logins.fold(logged);
    }

    /** The address of a client; null when it is not known. */
    static @Nullable String address(@Nullable String logged) {
        return logged == null || logged.isBlank() || logged.equalsIgnoreCase("unknown")
                ? null
                : logged.toLowerCase(Locale.ROOT);
    }
}
