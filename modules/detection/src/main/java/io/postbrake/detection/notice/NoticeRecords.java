package io.postbrake.detection.notice;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.PulledBrake;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Notices in the form that they have on the topic of findings: a finding of score 0 with the name of the notice in the place
 * of its detector's. Earlier and later builds read the same.
 */
public final class NoticeRecords {
    static final String NEW_NETWORK = "new-network";
    static final String BLOCKED_THERE = "blocked-there";
    static final String ACTIVE = "active";
    static final String STOPPED = "stopped";
    static final String PAST_INCIDENT = "past-incident";
    static final String BRAKE = "brake";
    static final String USUAL = "usual-for-fleet";
    static final String LOGIN = "logged-in-there";
    static final String MAIL = "mailed-there";
    static final String MANY = "many-log-in-there";
    static final String HISTORY_ASKED = "history-asked";
    static final String HISTORY = "fleet-has-history";

    private static final Pattern BRAKE_LINE =
            Pattern.compile("([a-z_]{1,20}) (hold|observe|local) ([0-9]{1,15}) ([0-9]{1,15})(?: (.{1,255}))?");

    private NoticeRecords() {}

    /** A notice as a record. */
    public static Finding record(Notice notice) {
        if (notice instanceof Notice.NewNetworkSeen n) {
            Evidence where = n.where();
            return about(n, NEW_NETWORK)
                    .setFindingId(n.id())
                    .setTitle(where == null ? "An account began to send from here" : where.getText())
                    .setHostId(where == null ? null : where.getHostId())
                    .setEvidence(where == null ? List.of() : List.of(where))
                    .build();
        }
        if (notice instanceof Notice.BlockedThere n) {
            return about(n, BLOCKED_THERE)
                    .setFindingId(n.id())
                    .setTitle("What an account sent from here was reason to block it")
                    .setHostId(n.hostId())
                    .setEvidence(n.evidence())
                    .build();
        }
        if (notice instanceof Notice.ActiveToday n) {
            return about(n, ACTIVE)
                    .setFindingId(Notice.id(ACTIVE, n))
                    .setTitle("Mail on this day")
                    .build();
        }
        if (notice instanceof Notice.BlockBegan n) {
            return about(n, STOPPED)
                    .setFindingId(Notice.id(STOPPED, n))
                    .setTitle(n.detector())
                    .setHostId(n.hostId())
                    .build();
        }
        if (notice instanceof Notice.PastIncident n) {
            return about(n, PAST_INCIDENT)
                    .setFindingId(n.id())
                    .setScore(n.score())
                    .setTitle(n.description())
                    .setEvidence(n.evidence())
                    .build();
        }
        if (notice instanceof Notice.UsualForFleet n) {
            return about(n, USUAL)
                    .setFindingId(n.id())
                    .setTitle(n.where().getText())
                    .setHostId(n.where().getHostId())
                    .setEvidence(List.of(n.where()))
                    .build();
        }
        if (notice instanceof Notice.LoggedInThere n) {
            return about(n, LOGIN)
                    .setFindingId(StableIds.of(LOGIN, n.from(), n.to(), n.at().toEpochMilli()))
                    .setTitle("A login on this day")
                    .build();
        }
        if (notice instanceof Notice.MailedThere n) {
            return about(n, MAIL)
                    .setFindingId(StableIds.of(MAIL, n.from(), n.to(), n.at().toEpochMilli()))
                    .setTitle("Mail from here on this day")
                    .build();
        }
        if (notice instanceof Notice.ManyLogInThere n) {
            return about(n, MANY)
                    .setFindingId(StableIds.of(MANY, n.from(), n.to(), n.at().toEpochMilli()))
                    .setTitle("Many accounts log in from there")
                    .build();
        }
        if (notice instanceof Notice.HistoryAsked n) {
            return about(n, HISTORY_ASKED)
                    .setFindingId(Notice.id(HISTORY_ASKED, n))
                    .setTitle("Does the fleet know where its accounts log in from?")
                    .build();
        }
        if (notice instanceof Notice.FleetHasHistory n) {
            return about(n, HISTORY)
                    .setFindingId(StableIds.of(HISTORY, n.to(), n.at().toEpochMilli()))
                    .setTitle("The fleet knows where its accounts log in from")
                    .build();
        }
        return brake((Notice.BrakeSet) notice);
    }

    private static Finding.Builder about(Notice notice, String what) {
        return Finding.newBuilder()
                .setSubject(SubjectKeys.bare(notice.to()))
                .setSubjectType(SubjectKeys.type(notice.to()))
                .setDetector(what)
                .setScore(0)
                .setObserveOnly(true)
                .setOccurredAt(notice.at())
                .setReadAt(notice.readAt())
                .setOriginSubject(notice.from());
    }

    private static Finding brake(Notice.BrakeSet notice) {
        List<Evidence> each = new ArrayList<>();
        for (PulledBrake one : notice.pulled()) {
            each.add(Evidence.newBuilder()
                    .setText(one.getKind() + " " + one.getMost() + " "
                            + one.getSince().toEpochMilli() + " "
                            + one.getUntil().toEpochMilli()
                            + (one.getHost() == null ? "" : " " + one.getHost()))
                    .setOccurredAt(notice.at())
                    .build());
        }
        return about(notice, BRAKE)
                .setFindingId(StableIds.of(BRAKE, notice.at().toEpochMilli(), each.toString()))
                .setTitle(each.isEmpty() ? "The brake is released" : "The brake is pulled")
                .setEvidence(each)
                .build();
    }

    /** The notice that a record about another subject is; empty for an opinion, and for what this build does not know. */
    public static Optional<Notice> read(Finding record) {
        String from = record.getOriginSubject();
        if (from == null) {
            return Optional.empty();
        }
        String to = record.getSubjectType() + ":" + record.getSubject();
        Instant at = record.getOccurredAt();
        Instant readAt = record.getReadAt();
        List<Evidence> evidence = record.getEvidence();
        Evidence where = evidence.isEmpty() ? null : evidence.get(0);
        return Optional.ofNullable(
                switch (record.getDetector()) {
                    case NEW_NETWORK ->
                        new Notice.NewNetworkSeen(record.getFindingId(), from, to, at, readAt, where, corrects(where));
                    case BLOCKED_THERE ->
                        new Notice.BlockedThere(
                                record.getFindingId(), from, to, at, readAt, record.getHostId(), evidence);
                    case ACTIVE -> new Notice.ActiveToday(from, at, readAt);
                    case STOPPED -> new Notice.BlockBegan(from, at, record.getTitle(), record.getHostId());
                    case PAST_INCIDENT ->
                        new Notice.PastIncident(
                                record.getFindingId(),
                                from,
                                at,
                                readAt,
                                record.getScore(),
                                record.getTitle(),
                                evidence);
                    case USUAL ->
                        where == null ? null : new Notice.UsualForFleet(record.getFindingId(), to, at, readAt, where);
                    case LOGIN -> new Notice.LoggedInThere(from, to, at, readAt);
                    case MAIL -> new Notice.MailedThere(from, to, at, readAt);
                    case MANY -> new Notice.ManyLogInThere(from, to, at, readAt);
                    case HISTORY_ASKED -> new Notice.HistoryAsked(from, at, readAt);
                    case HISTORY -> new Notice.FleetHasHistory(to, at, readAt);
                    case BRAKE -> new Notice.BrakeSet(at, pulled(evidence));
                    default -> null;
                });
    }

    private static boolean corrects(@Nullable Evidence whereOrNull) {
        return whereOrNull != null && whereOrNull.getValue() != null && whereOrNull.getValue() == 0;
    }

    /** What such lines say; what is none says nothing. */
    private static List<PulledBrake> pulled(List<Evidence> evidence) {
        List<PulledBrake> pulled = new ArrayList<>();
        for (Evidence one : evidence) {
            Matcher line = BRAKE_LINE.matcher(one.getText());
            if (line.matches()) {
                pulled.add(new PulledBrake(
                        line.group(1), line.group(2), at(line.group(3)), at(line.group(4)), line.group(5)));
            }
        }
        return pulled;
    }

    private static Instant at(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
