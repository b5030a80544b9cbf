package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.KnownCountry;
import io.postbrake.state.KnownNetwork;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The countries and the neighbourhoods of addresses that are normal for an account. Bounded. */
final class UsualPlaces {
    private static final int MAX_COUNTRIES = 20;
    private static final int MAX_NETWORKS = 6;

    private final SubjectState state;

    UsualPlaces(SubjectState state) {
        this.state = state;
    }

    /**
     * Mail was accepted that no block held.
     *
     * @param blocked whether a block should have stopped it: then it makes nothing normal that was not
     */
    void sent(Submission e, boolean blocked) {
        if (e.getCountry() != null) {
            countCountry(e.getCountry(), e.getOccurredAt(), blocked);
        }
        if (e.getClientIp() != null) {
            countNetwork(Networks.prefix(e.getClientIp()), e.getOccurredAt(), blocked);
        }
    }

    private void countNetwork(String prefix, Instant at, boolean blocked) {
        List<KnownNetwork> networks = state.getNetworks();
        KnownNetwork known = network(prefix);
        if (known == null) {
            if (blocked) {
                return;
            }
            networks.add(new KnownNetwork(prefix, EventTime.hour(at), EventTime.hour(at)));
        } else {
            known.setFirstHour(Math.min(known.getFirstHour(), EventTime.hour(at)));
            known.setLastHour(Math.max(known.getLastHour(), EventTime.hour(at)));
            if (known == networks.get(networks.size() - 1)) {
                // It was the newest, and is.
                return;
            }
        }
        networks.sort(Comparator.comparing(KnownNetwork::getLastHour).thenComparing(KnownNetwork::getPrefix));
        if (networks.size() > MAX_NETWORKS) {
            networks.remove(0);
        }
    }

    private @Nullable KnownNetwork network(String prefix) {
        for (KnownNetwork known : state.getNetworks()) {
            if (known.getPrefix().equals(prefix)) {
                return known;
            }
        }
        return null;
    }

    private void countCountry(String code, Instant at, boolean blocked) {
        List<KnownCountry> usual = state.getUsual();
        KnownCountry known = country(state, code);
        if (known == null) {
            if (blocked) {
                return;
            }
            usual.add(new KnownCountry(code, EventTime.hour(at), EventTime.hour(at)));
        } else {
            known.setFirstHour(Math.min(known.getFirstHour(), EventTime.hour(at)));
            known.setLastHour(Math.max(known.getLastHour(), EventTime.hour(at)));
            if (known == usual.get(usual.size() - 1)) {
                // It was the newest, and is.
                return;
            }
        }
        usual.sort(Comparator.comparing(KnownCountry::getLastHour).thenComparing(KnownCountry::getCode));
        if (usual.size() > MAX_COUNTRIES) {
            usual.remove(0);
        }
    }

    static @Nullable KnownCountry country(SubjectState state, String code) {
        for (KnownCountry known : state.getUsual()) {
            if (known.getCode().equals(code)) {
                return known;
            }
        }
        return null;
    }

    /** What became normal since {@code since} may be the thief's; where the account began is its owner's. */
    void distrust(Instant since, Finding because) {
        List<KnownCountry> usual = state.getUsual();
        KnownCountry oldest = usual.stream()
                .min(Comparator.comparing(KnownCountry::getFirstHour).thenComparing(KnownCountry::getCode))
                .orElse(null);
        Set<String> blamed = because.getEvidence().stream()
                .map(Evidence::getCountry)
                .filter(country -> country != null)
                .collect(Collectors.toSet());
        boolean owners = usual.size() > 1 || (oldest != null && !blamed.contains(oldest.getCode()));
        usual.removeIf(k -> k.getFirstHour() >= EventTime.hour(since) && !(owners && k == oldest));
        state.getNetworks().removeIf(k -> k.getFirstHour() >= EventTime.hour(since));
    }
}
