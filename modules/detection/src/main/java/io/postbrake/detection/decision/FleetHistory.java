package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Technique;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.notice.NoticeRecords;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What accounts would have been stopped for in logs that were read too late to act: published together, once they are read, as
 * one incident that is over. A first start on weeks of old logs is one notification at most, not one for each of their days.
 */
final class FleetHistory {
    /** How long nothing old must have come before it is published, and how long the first waits at the most. */
    private static final Duration SETTLED = Duration.ofMinutes(5);

    private static final Duration LONGEST = Duration.ofHours(6);
    private static final int MOST = 200;
    private static final int NAMED = 20;
    private static final int MAX_EVIDENCE = 20;

    private final SubjectState state;
    private final DetectionConfig config;

    /** {@code state} is this turn's own copy, but for its lists. */
    FleetHistory(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.config = config;
    }

    void add(Notice.PastIncident notice) {
        List<Finding> all = new ArrayList<>(state.getFindings());
        boolean known = all.stream().anyMatch(f -> f.getFindingId().equals(notice.id()));
        if (known || all.size() >= MOST) {
            return;
        }
        all.add(NoticeRecords.record(notice));
        state.setFindings(all);
        tellAfter(Objects.requireNonNullElse(notice.readAt(), notice.at()));
    }

    /** Old logs are still being read: what there is to tell waits for the rest of it. */
    void reading(Instant readAt) {
        if (state.getTellAt() != null) {
            tellAfter(readAt);
        }
    }

    private void tellAfter(Instant readAt) {
        Instant longest = state.getFindings().get(0).getReadAt().plus(LONGEST);
        Instant settled = readAt.plus(SETTLED);
        Instant latest = state.getTellAt() == null || settled.isAfter(state.getTellAt()) ? settled : state.getTellAt();
        state.setTellAt(latest.isAfter(longest) ? longest : latest);
    }

    Optional<Instant> deadline() {
        return Optional.ofNullable(state.getTellAt());
    }

    /** Publishes what is due by {@code now}. */
    void pass(Instant now, List<Alert> alerts) {
        if (state.getTellAt() != null && !now.isBefore(state.getTellAt())) {
            alerts.add(alert(now));
            state.setFindings(new ArrayList<>());
            state.setTellAt(null);
        }
    }

    private Alert alert(Instant now) {
        List<Finding> all = new ArrayList<>(state.getFindings());
        all.sort(Comparator.comparing(Finding::getOccurredAt).thenComparing(Finding::getOriginSubject));
        long accounts = all.stream().map(Finding::getOriginSubject).distinct().count();
        List<Evidence> evidence = all.stream()
                .flatMap(f -> f.getEvidence().stream())
                .limit(MAX_EVIDENCE)
                .toList();
        String many = (accounts == 1 ? "1 account" : accounts + (all.size() == MOST ? " or more" : "") + " accounts")
                + " would have been stopped";
        return Alert.newBuilder()
                .setIncidentId(StableIds.of("history", all.get(0).getFindingId(), now.toEpochMilli()))
                .setSubject(SubjectKeys.bare(SubjectKeys.FLEET))
                .setSubjectType(SubjectKeys.type(SubjectKeys.FLEET))
                .setState("RESOLVED")
                .setSeverity("warning")
                .setTitle("History: " + many + " in logs that were read too late to act on")
                .setDescription("History, read more than "
                        + config.decisionMaxAge().toHours()
                        + " h later: learnt, and nothing was blocked. Look at these accounts and whether their"
                        + " passwords were changed since: "
                        + all.stream().limit(NAMED).map(FleetHistory::line).collect(Collectors.joining("; "))
                        + (all.size() > NAMED ? "; and " + (all.size() - NAMED) + " more" : ""))
                .setScore(all.stream().mapToDouble(Finding::getScore).max().orElse(0))
                .setStartedAt(all.get(0).getOccurredAt())
                .setUpdatedAt(now)
                .setEndedAt(now)
                .setAction(Actions.OBSERVE)
                .setEvidence(evidence)
                .setTechnique(Technique.VALID_ACCOUNTS.attack().getTechniqueId())
                .setRunbook(config.alert().runbooks() + "history.md")
                .setRevision(1)
                .setResolution("history")
                .build();
    }

    private static String line(Finding f) {
        return SubjectKeys.bare(f.getOriginSubject()) + " on " + f.getOccurredAt() + " (" + f.getTitle() + ")";
    }
}
