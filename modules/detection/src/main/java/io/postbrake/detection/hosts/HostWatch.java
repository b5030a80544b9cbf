package io.postbrake.detection.hosts;

import io.postbrake.alert.Alert;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.state.HostsState;
import io.postbrake.state.PendingBlock;
import io.postbrake.state.WatchedHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices hosts on which blocks may not be in force: silent ones, ones that say they cannot write, ones that do not
 * confirm a block in time, and ones that confirmed a block and accept mail in spite of it. A host is watched from its first report
 * until it was silent for {@code hosts.forget.after}.
 */
public final class HostWatch {

    /** Key of the only state: all hosts together. */
    public static final String KEY = "hosts";

    private static final int MOST_HOSTS = 5000;
    private static final int MOST_KEPT_OUT = 100;
    /** Without ticks for so long it was the watch itself that was away. */
    private static final Duration AWAY = Duration.ofSeconds(30);

    private final DetectionConfig config;

    public HostWatch(DetectionConfig config) {
        this.config = config;
    }

    /**
     * What an input leads to.
     *
     * @param state the new state
     * @param alerts incidents' new states
     * @param forgotten ids of incidents whose alerts are removed
     * @param disobeyed whether the input proves that a host does not do as was decided
     */
    public record Result(HostsState state, List<Alert> alerts, List<String> forgotten, boolean disobeyed) {}

    /** Takes one input; {@code stateOrNull} is left as it is. */
    public Result accept(@Nullable HostsState stateOrNull, HostInput in) {
        HostsState s = stateOrNull == null
                ? HostsState.newBuilder().build()
                : HostsState.newBuilder(stateOrNull).build();
        s.setHosts(new ArrayList<>(s.getHosts()));
        s.setPending(new ArrayList<>(s.getPending()));
        s.setResolved(new ArrayList<>(s.getResolved()));
        s.setConfirmed(new ArrayList<>(s.getConfirmed()));
        boolean disobeyed = false;
        var incidents = new HostIncidents(s, config.alert().runbooks());
        if (in instanceof HostInput.Report report) {
            if (report.report().getEndedAt() == null) {
                heard(s, report.report());
            } else {
                ended(s, incidents, report.report());
            }
        } else if (in instanceof HostInput.Decided decided) {
            PendingBlocks.decided(s, decided);
        } else if (in instanceof HostInput.Said said) {
            PendingBlocks.said(s, said);
        } else if (in instanceof HostInput.Lifted lifted) {
            PendingBlocks.lifted(s, lifted.subjectKey());
            ConfirmedBlocks.remove(s, lifted.subjectKey());
            s.getHosts().forEach(h -> h.setKeptOut(without(h, lifted.subjectKey())));
        } else if (in instanceof HostInput.Disobeyed proof) {
            disobeyed = host(s, proof.hostId())
                    .filter(h -> Disobedience.note(s, h, proof, config.hosts().confirmWithin()))
                    .isPresent();
        } else if (in instanceof HostInput.Tick tick) {
            tick(s, incidents, tick.now());
        }
        return new Result(s, incidents.alerts(), incidents.forgotten(), disobeyed);
    }

    private static Optional<WatchedHost> host(HostsState s, String id) {
        return s.getHosts().stream().filter(h -> h.getHostId().equals(id)).findFirst();
    }

    private static void heard(HostsState s, EnforcementReport report) {
        if (report.getKind().equals("shipper")) {
            return; // Says nothing of the enforcer, which may be down or not there.
        }
        Optional<WatchedHost> known = host(s, report.getHostId());
        if (known.isEmpty() && s.getHosts().size() >= MOST_HOSTS) {
            return;
        }
        WatchedHost host = known.orElseGet(() -> met(s, report));
        host.setHeardAt(s.getLastTickAt() == null ? report.getAt() : s.getLastTickAt());
        if (report.getKind().equals("host")) {
            host.setProblem(report.getProblem());
        } else if (report.getKind().equals("block") || keepsOut(report)) {
            ConfirmedBlocks.add(s, report);
            PendingBlocks.confirmed(s, report);
            keptOut(host, report);
        }
    }

    /** It said so itself, or an operator did: its incident ends with it. */
    private static void ended(HostsState s, HostIncidents incidents, EnforcementReport report) {
        if (report.getKind().equals("shipper")) {
            return; // Its enforcer, if there is one, goes on.
        }
        Instant now = s.getLastTickAt() == null ? report.getAt() : s.getLastTickAt();
        host(s, report.getHostId()).ifPresent(host -> {
            incidents.resolve(host, "It is no host any more since " + report.getEndedAt(), now);
            s.getHosts().remove(host);
        });
    }

    private static WatchedHost met(HostsState s, EnforcementReport report) {
        WatchedHost host = WatchedHost.newBuilder()
                .setHostId(report.getHostId())
                .setHeardAt(report.getAt())
                .build();
        s.getHosts().add(host);
        return host;
    }

    /** A host has heard an operator's block and says why it stands in no table there: nothing more is to come of it. */
    private static boolean keepsOut(EnforcementReport report) {
        return report.getKind().equals("word") && report.getProblem() != null;
    }

    /** Whose blocks do not stand in the host's table, although it has heard of them. */
    private static void keptOut(WatchedHost host, EnforcementReport report) {
        String key = report.getSubjectType() + ":" + report.getSubject();
        List<String> kept = without(host, key);
        if (report.getProblem() != null && kept.size() < MOST_KEPT_OUT) {
            kept.add(key);
        }
        host.setKeptOut(kept);
    }

    private static List<String> without(WatchedHost host, String subjectKey) {
        List<String> kept = new ArrayList<>(host.getKeptOut());
        kept.remove(subjectKey);
        return kept;
    }

    private void tick(HostsState s, HostIncidents incidents, Instant now) {
        boolean away =
                s.getLastTickAt() != null && now.isAfter(s.getLastTickAt().plus(AWAY));
        if (away) {
            s.getHosts().forEach(h -> h.setHeardAt(now));
            PendingBlocks.waitAnew(s, now);
        }
        s.setLastTickAt(now);
        PendingBlocks.expire(s, now);
        for (Iterator<WatchedHost> hosts = s.getHosts().iterator(); hosts.hasNext(); ) {
            WatchedHost host = hosts.next();
            if (!now.isBefore(host.getHeardAt().plus(config.hosts().forgetAfter()))) {
                incidents.resolve(host, "Not heard of for so long that it is no host any more", now);
                hosts.remove();
            } else {
                wrong(s, host, now)
                        .ifPresentOrElse(
                                wrong -> incidents.tell(host, wrong, now),
                                () -> incidents.resolve(host, well(host), now));
            }
        }
        incidents.forget(now, config.alert().keep());
    }

    private static String well(WatchedHost host) {
        return host.getDisobeyedAt() == null
                ? "It is well again"
                : "It is well again; no mail was accepted in spite of a block for a day";
    }

    /** What is wrong with a host; empty when nothing is. */
    private Optional<String> wrong(HostsState s, WatchedHost host, Instant now) {
        if (Disobedience.proven(host, now)) {
            return Optional.of(Disobedience.text(host));
        }
        if (!now.isBefore(host.getHeardAt().plus(config.hosts().silentAfter()))) {
            return Optional.of("Its enforcer has been silent since " + host.getHeardAt()
                    + "; blocks of before that hold, later ones may not reach it");
        }
        if (host.getProblem() != null) {
            return Optional.of("Its tables cannot be written: " + host.getProblem());
        }
        List<PendingBlock> late = PendingBlocks.lackedBy(host, s).stream()
                .filter(p -> !now.isBefore(p.getSince().plus(config.hosts().confirmWithin())))
                .toList();
        return late.isEmpty()
                ? Optional.empty()
                : Optional.of("It has not confirmed " + late.size() + (late.size() == 1 ? " block" : " blocks")
                        + ", the oldest of " + late.get(0).getSince());
    }

    /** Whether the incident of a host tells that it accepts mail of this subject in spite of its block. */
    public static boolean tellsOfMailOf(String subject, Alert ofHost) {
        return Disobedience.isToldBy(ofHost, subject);
    }
}
