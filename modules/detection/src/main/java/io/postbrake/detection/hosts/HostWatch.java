package io.postbrake.detection.hosts;

import io.postbrake.alert.Alert;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.EndedIncident;
import io.postbrake.state.HostsState;
import io.postbrake.state.PendingBlock;
import io.postbrake.state.WatchedHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * Notices hosts on which blocks may not be in force: silent ones, ones that say they cannot write, and ones that do not
 * confirm a block in time, and ones that confirmed a block and accept mail in spite of it. A host is watched from its first report until it was silent for {@code hosts.forget.after}.
 */
public final class HostWatch {

    /** Key of the only state: all hosts together. */
    public static final String KEY = "hosts";

    private static final int MOST_PENDING = 1000;
    private static final int MOST_HOSTS = 5000;
    /** Later than that nobody would confirm it: a host tells on catching up what is younger. */
    private static final Duration PENDING = Duration.ofHours(1);

    /** A mistake in a host's settings is not mended by nobody's sending: one proof holds for so long. */
    private static final Duration PROOF = Duration.ofDays(1);

    private static final int MOST_KEPT_OUT = 100;
    private static final String ACCEPTS = "It accepts mail of ";
    private static final String THROUGH = " through ";
    private static final String IN_SPITE = " in spite of the block since ";

    private static final Duration NEWS = Duration.ofSeconds(10);
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
     */
    public record Result(HostsState state, List<Alert> alerts, List<String> forgotten) {}

    /** Takes one input; {@code stateOrNull} is left as it is. */
    public Result accept(HostsState stateOrNull, HostInput in) {
        HostsState s = stateOrNull == null
                ? HostsState.newBuilder().build()
                : HostsState.newBuilder(stateOrNull).build();
        s.setHosts(new ArrayList<>(s.getHosts()));
        s.setPending(new ArrayList<>(s.getPending()));
        s.setResolved(new ArrayList<>(s.getResolved()));
        s.setConfirmed(new ArrayList<>(s.getConfirmed()));
        var result = new Result(s, new ArrayList<>(), new ArrayList<>());
        if (in instanceof HostInput.Report report) {
            heard(s, report.report());
        } else if (in instanceof HostInput.Decided decided) {
            decided(s, decided);
        } else if (in instanceof HostInput.Said said) {
            said(s, said);
        } else if (in instanceof HostInput.Lifted lifted) {
            s.getPending().removeIf(p -> p.getSubject().equals(lifted.subjectKey()));
            ConfirmedBlocks.remove(s, lifted.subjectKey());
            s.getHosts().forEach(h -> h.setKeptOut(without(h, lifted.subjectKey())));
        } else if (in instanceof HostInput.Disobeyed disobeyed) {
            disobeyed(s, disobeyed);
        } else if (in instanceof HostInput.Tick tick) {
            tick(result, tick.now());
        }
        return result;
    }

    private static void heard(HostsState s, EnforcementReport report) {
        if (report.getKind().equals("shipper")) {
            return; // Says nothing of the enforcer, which may be down or not there.
        }
        WatchedHost host = host(s, report.getHostId());
        if (host == null) {
            if (s.getHosts().size() >= MOST_HOSTS) {
                return;
            }
            host = WatchedHost.newBuilder()
                    .setHostId(report.getHostId())
                    .setHeardAt(report.getAt())
                    .build();
            s.getHosts().add(host);
        }
        host.setHeardAt(s.getLastTickAt() == null ? report.getAt() : s.getLastTickAt());
        if (report.getKind().equals("host")) {
            host.setProblem(report.getProblem());
        } else if (report.getKind().equals("block") || keepsOut(report)) {
            confirmed(s, report);
            keptOut(host, report);
        }
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

    /**
     * What the host has not confirmed is another matter: then the block has not arrived, and that is published. A log that was
     * read late, or a detector that was away, decides on mail long after it was accepted: what was begun before a host said that it has the
     * block proves nothing.
     */
    private void disobeyed(HostsState s, HostInput.Disobeyed disobeyed) {
        if (!ConfirmedBlocks.since(
                s, disobeyed.subjectKey(), disobeyed.begun(), config.hosts().confirmWithin())) {
            return;
        }
        WatchedHost host = host(s, disobeyed.hostId());
        boolean late = host != null
                && s.getPending().stream()
                        .anyMatch(p -> p.getSubject().equals(disobeyed.subjectKey()) && lacks(host, p));
        if (host == null
                || late
                || s.getLastTickAt() == null
                || host.getKeptOut().contains(disobeyed.subjectKey())) {
            return;
        }
        host.setDisobeyedAt(s.getLastTickAt());
        host.setDisobeyed(ACCEPTS
                + SubjectKeys.bare(disobeyed.subjectKey())
                + (disobeyed.serviceOrNull() == null ? "" : THROUGH + disobeyed.serviceOrNull())
                + IN_SPITE
                + disobeyed.since());
    }

    /** A host has heard an operator's block and says why it stands in no table there: nothing more is to come of it. */
    private static boolean keepsOut(EnforcementReport report) {
        return report.getKind().equals("word") && report.getProblem() != null;
    }

    private static WatchedHost host(HostsState s, String id) {
        for (WatchedHost host : s.getHosts()) {
            if (host.getHostId().equals(id)) {
                return host;
            }
        }
        return null;
    }

    private static void confirmed(HostsState s, EnforcementReport report) {
        ConfirmedBlocks.add(s, report);
        for (PendingBlock pending : s.getPending()) {
            boolean that = pending.getBlockId().equals(id(report));
            if (that && !pending.getConfirmedBy().contains(report.getHostId())) {
                List<String> by = new ArrayList<>(pending.getConfirmedBy());
                by.add(report.getHostId());
                pending.setConfirmedBy(by);
            }
        }
    }

    private static String id(EnforcementReport report) {
        return report.getBlockId() != null
                ? report.getBlockId()
                : operators(report.getSubjectType() + ":" + report.getSubject(), report.getDecidedAt());
    }

    private static String operators(String subjectKey, Instant at) {
        return "operator/" + subjectKey + "@" + at;
    }

    private static void said(HostsState s, HostInput.Said said) {
        s.getPending().removeIf(p -> p.getBlockId().startsWith("operator/" + said.subjectKey() + "@")); // Said anew.
        decided(s, new HostInput.Decided(operators(said.subjectKey(), said.at()), said.subjectKey(), said.at(), null));
    }

    private static void decided(HostsState s, HostInput.Decided decided) {
        Instant now = s.getLastTickAt() == null ? decided.decidedAt() : s.getLastTickAt();
        PendingBlock known = s.getPending().stream()
                .filter(p -> p.getBlockId().equals(decided.blockId()))
                .findFirst()
                .orElse(null);
        if (known != null) {
            if (!Objects.equals(known.getOnlyHost(), decided.onlyHostOrNull())) {
                known.setOnlyHost(decided.onlyHostOrNull());
                known.setSince(now);
            }
            return;
        }
        // A block whose end alone is published anew is confirmed by nobody again.
        boolean old = decided.decidedAt().isBefore(now.minus(NEWS));
        if (old || s.getHosts().isEmpty() || s.getPending().size() >= MOST_PENDING) {
            return; // Many at once are named by their first ones.
        }
        s.getPending()
                .add(new PendingBlock(
                        decided.blockId(), decided.subjectKey(), now, new ArrayList<>(), decided.onlyHostOrNull()));
    }

    private void tick(Result result, Instant now) {
        HostsState s = result.state();
        boolean away =
                s.getLastTickAt() != null && now.isAfter(s.getLastTickAt().plus(AWAY));
        if (away) {
            s.getHosts().forEach(h -> h.setHeardAt(now));
            s.getPending().forEach(p -> p.setSince(now));
        }
        s.setLastTickAt(now);
        s.getPending().removeIf(p -> over(s, p, now));
        for (Iterator<WatchedHost> hosts = s.getHosts().iterator(); hosts.hasNext(); ) {
            WatchedHost host = hosts.next();
            boolean forget = !now.isBefore(host.getHeardAt().plus(config.hosts().forgetAfter()));
            String wrong = forget ? null : wrong(s, host, now);
            if (wrong != null) {
                tell(result, host, wrong, now);
            } else if (host.getIncident() != null) {
                resolve(
                        result,
                        host,
                        forget
                                ? "Not heard of for so long that it is no host any more"
                                : host.getDisobeyedAt() == null
                                        ? "It is well again"
                                        : "It is well again; no mail was accepted in spite of a block for a day",
                        now);
            }
            if (forget) {
                hosts.remove();
            }
        }
        while (!s.getResolved().isEmpty()
                && !now.isBefore(
                        s.getResolved().get(0).getAt().plus(config.alert().keep()))) {
            result.forgotten().add(s.getResolved().remove(0).getIncidentId());
        }
    }

    private static boolean over(HostsState s, PendingBlock p, Instant now) {
        return !now.isBefore(p.getSince().plus(PENDING))
                || s.getHosts().stream().noneMatch(h -> lacks(h, p));
    }

    private static boolean lacks(WatchedHost host, PendingBlock p) {
        boolean concerned = p.getOnlyHost() == null || p.getOnlyHost().equals(host.getHostId());
        return concerned && !p.getConfirmedBy().contains(host.getHostId());
    }

    /** What is wrong with a host; null when nothing is. */
    private String wrong(HostsState s, WatchedHost host, Instant now) {
        if (disobeys(host, now)) {
            return host.getDisobeyed()
                    + ", which it has: its Postfix does not ask the table. postbrake postfix check says"
                    + " where check_sasl_access is missing or ignored";
        }
        if (!now.isBefore(host.getHeardAt().plus(config.hosts().silentAfter()))) {
            return "Its enforcer has been silent since " + host.getHeardAt()
                    + "; blocks of before that hold, later ones may not reach it";
        }
        if (host.getProblem() != null) {
            return "Its tables cannot be written: " + host.getProblem();
        }
        List<PendingBlock> late = s.getPending().stream()
                .filter(p -> lacks(host, p))
                .filter(p -> !now.isBefore(p.getSince().plus(config.hosts().confirmWithin())))
                .toList();
        return late.isEmpty()
                ? null
                : "It has not confirmed " + late.size() + (late.size() == 1 ? " block" : " blocks") + ", the oldest of "
                        + late.get(0).getSince();
    }

    /** Whether the incident of a host tells that it accepts mail of this subject in spite of its block. */
    public static boolean tellsOfMailOf(String subject, Alert ofHost) {
        return ofHost.getDescription().startsWith(ACCEPTS + subject + THROUGH)
                || ofHost.getDescription().startsWith(ACCEPTS + subject + IN_SPITE);
    }

    private static boolean disobeys(WatchedHost host, Instant now) {
        return host.getDisobeyedAt() != null
                && now.isBefore(host.getDisobeyedAt().plus(PROOF));
    }

    private void tell(Result result, WatchedHost host, String wrong, Instant now) {
        Alert known = host.getIncident();
        if (known != null && known.getDescription().equals(wrong)) {
            return;
        }
        Alert alert = Alert.newBuilder()
                .setIncidentId(
                        known == null
                                ? StableIds.of("host", host.getHostId(), now.toEpochMilli())
                                : known.getIncidentId())
                .setSubject(host.getHostId())
                .setSubjectType("host")
                .setState(known == null ? "FIRING" : "UPDATED")
                .setSeverity("critical")
                .setTitle("Host " + host.getHostId()
                        + (disobeys(host, now) ? ": a block is not obeyed" : ": blocks may not be in force"))
                .setDescription(wrong)
                .setScore(1)
                .setStartedAt(known == null ? now : known.getStartedAt())
                .setUpdatedAt(now)
                .setAction("observe")
                .setTechnique("")
                .setRunbook(config.alert().runbooks() + (disobeys(host, now) ? "block-not-enforced.md" : "host.md"))
                .build();
        host.setIncident(alert);
        result.alerts().add(Alert.newBuilder(alert).build());
    }

    private static void resolve(Result result, WatchedHost host, String why, Instant now) {
        Alert alert = Alert.newBuilder(host.getIncident())
                .setState("RESOLVED")
                .setDescription(why)
                .setUpdatedAt(now)
                .setEndedAt(now)
                .build();
        result.alerts().add(alert);
        result.state().getResolved().add(new EndedIncident(alert.getIncidentId().toString(), now));
        host.setIncident(null);
    }
}
