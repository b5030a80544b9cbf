package io.postbrake.report;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.replay.ReplayListener;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Listens to a replay and counts what happened from some time on; what came before has only taught the detection. */
public final class ReportBuilder implements ReplayListener {

    private static final int EXAMPLES = 3;
    private static final List<String> ACTIONS = List.of("observe", "hold", "defer", "reject");

    private static final class Counts {
        private long messages;
        private long recipients;
        private long stopped;
    }

    /** An incident for which nothing was blocked so far. */
    private record Suspicion(String subject, String detector) {}

    private final Instant since;
    private final ZoneId zone;
    private final Map<String, Activity> accounts = new HashMap<>();
    private final Map<String, Episode> inForce = new HashMap<>();
    private final List<Episode> episodes = new ArrayList<>();
    private final Map<UUID, Suspicion> suspicions = new LinkedHashMap<>();
    private final Map<UUID, Boolean> blocked = new HashMap<>();
    private final TreeMap<Long, Counts> days = new TreeMap<>();
    private final Quotas quotas = new Quotas();
    private long failedLogins;

    /** Counts from {@code since} on, days and hours by {@code zone}. */
    public ReportBuilder(Instant since, ZoneId zone) {
        this.since = since;
        this.zone = zone;
    }

    @Override
    public void submission(Submission s) {
        Instant at = s.getOccurredAt();
        Phase phase = Phase.of(s);
        String account = s.getAccount();
        boolean over =
                phase == Phase.ACCEPTED && account != null && quotas.refuses(s.getHostId(), account, at.toEpochMilli());
        if (at.isBefore(since)) {
            return;
        }
        if (phase == Phase.AUTH_FAILED) {
            failedLogins += Math.max(1, s.getRepeats());
        } else if (phase == Phase.ACCEPTED && account != null) {
            accepted(s, account, over);
        } else if (phase == Phase.REFUSED && s.getBlockRef() != null) {
            var unused = stopped(s, account, 1);
        }
    }

    private void accepted(Submission s, String account, boolean over) {
        Activity activity = accounts.computeIfAbsent(account, a -> new Activity(zone));
        Episode episode = stopped(s, account, recipients(s));
        // What would have been refused says nothing of its owner; what would have waited may be his circular.
        activity.add(s, episode == null || episode.isReversible());
        if (over) {
            activity.overLimits();
        }
        Counts day = day(s);
        day.messages++;
        day.recipients += recipients(s);
    }

    private static long recipients(Submission s) {
        return s.getRecipients() == null ? 1 : Math.max(1, s.getRecipients());
    }

    /** Counts a message with the block that would have been in force against its account or its address. */
    private @Nullable Episode stopped(Submission s, @Nullable String account, long recipients) {
        Episode episode = account == null ? null : inForce("sasl_user:" + account, s.getOccurredAt());
        if (episode == null && s.getClientIp() != null) {
            episode = inForce("client_ip:" + s.getClientIp(), s.getOccurredAt());
        }
        if (episode != null) {
            episode.count(recipients);
            day(s).stopped++;
            if (account != null) {
                accounts.computeIfAbsent(account, a -> new Activity(zone)).whileStopped();
            }
        }
        return episode;
    }

    private @Nullable Episode inForce(String key, Instant at) {
        Episode episode = inForce.get(key);
        return episode != null && episode.covers(at) ? episode : null;
    }

    private Counts day(Submission s) {
        return days.computeIfAbsent(s.getOccurredAt().atZone(zone).toLocalDate().toEpochDay(), d -> new Counts());
    }

    @Override
    public void alert(Instant at, Alert a, String detector) {
        if (!at.isBefore(since) && !a.getState().equals("RESOLVED")) {
            suspicions.putIfAbsent(a.getIncidentId(), new Suspicion(a.getSubject(), detector));
        }
    }

    @Override
    public void block(Instant at, Block b, String detector) {
        String key = b.getSubjectType() + ":" + b.getSubject();
        Episode episode = inForce.get(key);
        if (episode == null || !episode.covers(at)) {
            episode = new Episode(at, b, detector);
            inForce.put(key, episode);
            if (!at.isBefore(since)) {
                episodes.add(episode);
            }
        } else {
            episode.goesOn(b, detector, ACTIONS);
        }
        blocked.put(b.getIncidentId(), true);
    }

    @Override
    public void lift(Instant at, String subjectKey) {
        Episode episode = inForce.remove(subjectKey);
        if (episode != null) {
            episode.endsAt(at);
        }
    }

    /** All that was counted of what was read, which reaches from {@code first} to {@code last}. */
    public Report report(Instant first, Instant last) {
        Instant from = first.isBefore(since) ? since : first;
        Instant to = last.isBefore(from) ? from : last;
        for (Episode e : episodes) {
            if (e.subjectType().equals("sasl_user")) {
                accounts.computeIfAbsent(e.subject(), a -> new Activity(zone)).wouldBeStopped();
            }
        }
        List<Report.Account> all = new ArrayList<>();
        List<Report.Word> words = new ArrayList<>();
        accounts.forEach((name, activity) -> {
            all.add(activity.of(name));
            words.addAll(Advice.of(name, activity));
        });
        all.sort(
                Comparator.comparingLong(Report.Account::recipients).reversed().thenComparing(Report.Account::account));
        words.sort(Comparator.comparing(Report.Word::wouldBeStopped)
                .reversed()
                .thenComparing(Report.Word::kind)
                .thenComparing(Report.Word::account));
        return new Report(
                from,
                to,
                zone.getId(),
                sum(),
                daysBetween(from, to),
                episodes.stream().map(Episode::stop).toList(),
                observed(),
                all,
                words,
                new Domains(accounts).list());
    }

    private Report.Sum sum() {
        return new Report.Sum(
                accounts.values().stream().filter(a -> a.messages() > 0).count(),
                accounts.values().stream().mapToLong(Activity::messages).sum(),
                accounts.values().stream().mapToLong(Activity::recipients).sum(),
                failedLogins,
                episodes.stream()
                        .filter(e -> e.subjectType().equals("sasl_user"))
                        .map(Episode::subject)
                        .distinct()
                        .count(),
                episodes.stream()
                        .filter(e -> !e.subjectType().equals("sasl_user"))
                        .map(Episode::subject)
                        .distinct()
                        .count(),
                episodes.stream().mapToLong(e -> e.stop().messages()).sum(),
                new Report.Limits(
                        Quotas.AN_HOUR,
                        Quotas.A_DAY,
                        accounts.values().stream()
                                .mapToLong(Activity::messagesOverLimits)
                                .sum(),
                        accounts.values().stream()
                                .filter(a -> a.messagesOverLimits() > 0)
                                .count(),
                        accounts.values().stream()
                                .filter(a -> a.messagesOverLimits() > 0 && a.stops() == 0)
                                .count()));
    }

    /** Every day from the first to the last, quiet ones too. */
    private List<Report.Day> daysBetween(Instant from, Instant to) {
        List<Report.Day> result = new ArrayList<>();
        LocalDate end = to.atZone(zone).toLocalDate();
        for (LocalDate day = from.atZone(zone).toLocalDate(); !day.isAfter(end); day = day.plusDays(1)) {
            Counts c = days.getOrDefault(day.toEpochDay(), new Counts());
            result.add(new Report.Day(day, c.messages, c.recipients, c.stopped));
        }
        return result;
    }

    private List<Report.Observed> observed() {
        Map<String, List<String>> byDetector = new TreeMap<>();
        suspicions.forEach((incident, suspicion) -> {
            if (!blocked.containsKey(incident)) {
                byDetector
                        .computeIfAbsent(suspicion.detector(), d -> new ArrayList<>())
                        .add(suspicion.subject());
            }
        });
        return byDetector.entrySet().stream()
                .map(e -> new Report.Observed(
                        e.getKey(),
                        e.getValue().size(),
                        e.getValue().stream().distinct().limit(EXAMPLES).toList()))
                .sorted(Comparator.comparingLong(Report.Observed::incidents).reversed())
                .toList();
    }
}
