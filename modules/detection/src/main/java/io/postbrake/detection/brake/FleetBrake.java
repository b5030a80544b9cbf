package io.postbrake.detection.brake;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.BrakeConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.ActiveDay;
import io.postbrake.state.PulledBrake;
import io.postbrake.state.Stop;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts blocks that begin, accounts and addresses apart, and pulls the brake when they are too many at once: a swapped file
 * of places, a wrong time zone or a bad rule would otherwise refuse a whole fleet. New blocks become holds, and with three times
 * as many they are only observed. What rests on the evidence of one mail host alone counts for the fleet no more than all else
 * together; by itself it pulls the brake for what that host says. One page tells why.
 */
public final class FleetBrake {
    private static final int OBSERVE_FROM = 3;
    private static final int DAYS = 8;
    /** What moves the release on by less is not sent to all partitions anew. */
    private static final int STEPS = 4;
    /** Brakes that the page describes one by one. */
    private static final int TOLD = 10;
    /** Brakes at a time; of more than these, the oldest are released. */
    private static final int MOST_PULLED = 200;

    private final SubjectState state;
    private final DetectionConfig config;
    private final List<Alert> alerts;
    private final List<Notice> notices;

    /** {@code state} is this turn's own copy, but for its lists. */
    public FleetBrake(SubjectState state, DetectionConfig config, List<Alert> alerts, List<Notice> notices) {
        this.state = state;
        this.config = config;
        this.alerts = alerts;
        this.notices = notices;
    }

    /** An account sends its first mail of a day. */
    public void active(Notice.ActiveToday notice) {
        long day = EventTime.day(notice.at());
        List<ActiveDay> days = new ArrayList<>(state.getActivity());
        ActiveDay known = null;
        for (ActiveDay one : days) {
            known = one.getDay() == day ? one : known;
        }
        days.remove(known);
        days.add(new ActiveDay(day, known == null ? 1 : known.getAccounts() + 1));
        days.sort(Comparator.comparingLong(ActiveDay::getDay));
        while (days.size() > DAYS) {
            days.remove(0);
        }
        state.setActivity(days);
    }

    /** A block began, or the brake kept it from beginning. */
    public void began(Notice.BlockBegan block, Instant now) {
        if (!config.brake().enabled()) {
            return;
        }
        Instant since = block.at().minus(config.brake().within());
        long subject = StableIds.of("stop", block.from()).getMostSignificantBits();
        List<Stop> stops = new ArrayList<>(state.getStops());
        stops.removeIf(s -> s.getSubject() == subject || !s.getAt().isAfter(since));
        String kind = SubjectKeys.type(block.from());
        String host = block.hostId();
        stops.add(new Stop(subject, kind, block.detector(), block.at(), host));
        long limit = limit(kind);
        long count = stops.stream().filter(s -> s.getKind().equals(kind)).count();
        // More change nothing; of each kind its own oldest go, so that many addresses push out no account.
        for (int i = 0; count > OBSERVE_FROM * limit; count--) {
            while (!stops.get(i).getKind().equals(kind)) {
                i++;
            }
            stops.remove(i);
        }
        state.setStops(stops);
        if (host != null && new HostTallies(state, config.brake().host()).usesUp(host, kind, now)) {
            pull(kind, host, Brake.LOCAL, now);
        }
        Map<String, Long> byHost = byHost(stops, kind);
        Optional<Map.Entry<String, Long>> loudest = byHost.entrySet().stream().max(Map.Entry.comparingByValue());
        long ofLoudest = loudest.map(Map.Entry::getValue).orElse(0L);
        long ofAll = stops.stream().filter(s -> s.getKind().equals(kind)).count();
        long ofOthers = ofAll - ofLoudest;
        pullFrom(limit, ofOthers + Math.min(ofLoudest, ofOthers), kind, null, now);
        pullFrom(limit, ofLoudest, kind, loudest.map(Map.Entry::getKey).orElse(null), now);
    }

    private void pullFrom(long limit, long count, String kind, @Nullable String hostOrNull, Instant now) {
        if (count >= limit) {
            pull(kind, hostOrNull, count >= OBSERVE_FROM * limit ? Brake.OBSERVE : Brake.HOLD, now);
        }
    }

    /** How many rest on the evidence of each host alone. */
    private static Map<String, Long> byHost(List<Stop> stops, String kind) {
        Map<String, Long> byHost = new TreeMap<>();
        for (Stop stop : stops) {
            if (stop.getKind().equals(kind) && stop.getHost() != null) {
                byHost.merge(stop.getHost(), 1L, Long::sum);
            }
        }
        return byHost;
    }

    private long limit(String kind) {
        return kind.equals(SubjectKeys.SASL_USER)
                ? config.brake().accounts(activeAccounts())
                : config.brake().addresses();
    }

    private long activeAccounts() {
        return state.getActivity().stream()
                .mapToLong(ActiveDay::getAccounts)
                .max()
                .orElse(0);
    }

    private void pull(String kind, @Nullable String hostOrNull, String most, Instant now) {
        boolean local = most.equals(Brake.LOCAL);
        Instant until = now.plus(config.brake().release());
        List<PulledBrake> pulled = new ArrayList<>(state.getBrakes());
        PulledBrake before = null;
        for (PulledBrake one : pulled) {
            boolean same = one.getKind().equals(kind)
                    && Objects.equals(one.getHost(), hostOrNull)
                    && one.getMost().equals(Brake.LOCAL) == local;
            before = same ? one : before;
        }
        pulled.remove(before);
        String strictest = before != null && before.getMost().equals(Brake.OBSERVE) ? Brake.OBSERVE : most;
        boolean changes = before == null || !before.getMost().equals(strictest);
        Duration step = config.brake().release().dividedBy(STEPS);
        if (before != null && !changes && until.isBefore(before.getUntil().plus(step))) {
            return;
        }
        pulled.add(new PulledBrake(kind, strictest, before == null ? now : before.getSince(), until, hostOrNull));
        while (pulled.size() > MOST_PULLED) {
            pulled.remove(pulled.stream()
                    .min(Comparator.comparing(PulledBrake::getSince))
                    .orElseThrow());
        }
        pulled.sort(Comparator.comparing(PulledBrake::getKind)
                .thenComparing(PulledBrake::getHost, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparing(PulledBrake::getMost));
        state.setBrakes(pulled);
        notices.add(new Notice.BrakeSet(now, pulled));
        if (changes) {
            tell(now);
        }
    }

    public Optional<Instant> deadline() {
        return state.getBrakes().stream().map(PulledBrake::getUntil).min(Comparator.naturalOrder());
    }

    /** Releases what is due. */
    public void pass(Instant now) {
        List<PulledBrake> left = new ArrayList<>(state.getBrakes());
        boolean due = left.removeIf(b -> !config.brake().enabled() || !now.isBefore(b.getUntil()));
        if (!due) {
            return;
        }
        state.setBrakes(left);
        state.setStops(new ArrayList<>());
        notices.add(new Notice.BrakeSet(now, left));
        if (!left.isEmpty()) {
            tell(now);
        } else if (state.getIncident() != null) {
            Alert over = alert("RESOLVED", state.getIncident(), now);
            over.setEndedAt(now);
            over.setResolution(config.brake().enabled() ? "quiet" : "released");
            over.setDescription("The brake is released: new blocks are what they are again");
            alerts.add(over);
            state.setIncident(null);
        }
    }

    private void tell(Instant now) {
        Alert before = state.getIncident();
        Alert alert = alert(before == null ? "FIRING" : "UPDATED", before, now);
        alert.setDescription(
                state.getBrakes().stream().limit(TOLD).map(this::line).collect(Collectors.joining(" "))
                        + (state.getBrakes().size() > TOLD
                                ? " And " + (state.getBrakes().size() - TOLD) + " more."
                                : "")
                        + " A swapped geography file, a wrong time zone or a changed rule does this, and so does a"
                        + " theft of many accounts: look at the detectors before you release it."
                        + (state.getBrakes().stream().anyMatch(b -> b.getHost() != null)
                                ? " Of a host that is named here, look also at who may write its log."
                                : ""));
        state.setIncident(alert);
        alerts.add(Alert.newBuilder(alert).build());
    }

    private String line(PulledBrake brake) {
        String kind = brake.getKind();
        String things = kind.equals(SubjectKeys.SASL_USER) ? " accounts" : " addresses";
        String host = brake.getHost();
        if (brake.getMost().equals(Brake.LOCAL)) {
            BrakeConfig.OneHost limit = config.brake().host();
            return limit.most(kind) + things + " or more were to be blocked within "
                    + limit.within().toHours() + " h on what " + host + " alone says: further blocks of" + things
                    + " on its word are in force on " + host + " alone, until another host sees them too.";
        }
        Map<String, Long> detectors = new TreeMap<>();
        long count = 0;
        for (Stop stop : state.getStops()) {
            if (stop.getKind().equals(kind) && (host == null || host.equals(stop.getHost()))) {
                detectors.merge(stop.getDetector(), 1L, Long::sum);
                count++;
            }
        }
        return count + things + " were to be blocked within "
                + config.brake().within().toMinutes() + " min"
                + (host == null ? "" : " on what " + host + " alone says")
                + ", " + limit(kind) + " pull the brake"
                + (kind.equals(SubjectKeys.SASL_USER) ? " (" + activeAccounts() + " are active)" : "") + ": new blocks "
                + (host == null ? "" : "on its word ")
                + (brake.getMost().equals(Brake.HOLD) ? "only hold" : "are only observed") + ". By "
                + detectors.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(d -> d.getKey() + " " + d.getValue())
                        .collect(Collectors.joining(", "))
                + ".";
    }

    private Alert alert(String state, @Nullable Alert before, Instant now) {
        return Alert.newBuilder()
                .setIncidentId(before == null ? StableIds.of("brake", now.toEpochMilli()) : before.getIncidentId())
                .setSubject(SubjectKeys.bare(SubjectKeys.FLEET))
                .setSubjectType(SubjectKeys.type(SubjectKeys.FLEET))
                .setState(state)
                .setSeverity("critical")
                .setTitle("Brake: very many blocks at once")
                .setDescription("")
                .setScore(1)
                .setStartedAt(before == null ? now : before.getStartedAt())
                .setUpdatedAt(now)
                .setAction("observe")
                .setTechnique("")
                .setRunbook(config.alert().runbooks() + "brake.md")
                .setRevision(before == null ? 1 : before.getRevision() + 1)
                .build();
    }
}
