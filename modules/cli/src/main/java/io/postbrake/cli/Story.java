package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.hosts.HostWatch;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.subject.OverridePrecedence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the topics tell of one subject: what was usual, what happened, what was thought of it and what was done.
 *
 * @param alert its newest incident; null when there was none
 * @param block in force; null for none
 * @param word an operator's newest; null for none
 * @param disobeying hosts that are known to accept its mail in spite of the block
 * @param network an operator's block of the narrowest network that the address is in; null for none
 * @param enforced whether there is a host that enforces anything; without one Postbrake only watches
 */
record Story(
        String subject,
        Alert alert,
        Block block,
        OperatorOverride word,
        OperatorOverride network,
        List<Finding> findings,
        List<Submission> submissions,
        List<String> disobeying,
        boolean enforced,
        Duration span) {

    /** Time at one place without a longer pause. */
    private static final Duration PAUSE = Duration.ofHours(2);

    /** From one address, without a long pause: when it began and ended, and how many messages went, waited or were refused, and logins without mail. */
    record Stay(
            String place,
            String address,
            String host,
            Instant from,
            Instant to,
            long sent,
            long held,
            long refused,
            long read) {

        private Stay with(Submission s) {
            boolean accepted = Phase.of(s) == Phase.ACCEPTED;
            boolean holds = s.getBlockRef() != null;
            return new Stay(
                    place,
                    address,
                    host.contains(s.getHostId()) ? host : host + "," + s.getHostId(),
                    from,
                    s.getOccurredAt(),
                    sent + (accepted && !holds ? 1 : 0),
                    held + (accepted && holds ? 1 : 0),
                    refused + (Phase.of(s) == Phase.REFUSED ? s.getRepeats() : 0),
                    read + (Phase.of(s) == Phase.LOGIN ? s.getRepeats() : 0));
        }
    }

    /** Whether the topics hold nothing of the subject within the span. */
    boolean isEmpty() {
        return alert == null
                && block == null
                && word == null
                && network == null
                && submissions.isEmpty()
                && findings.isEmpty();
    }

    static Story of(
            String subject,
            List<Alert> alerts,
            Block block,
            OperatorOverride word,
            List<Finding> findings,
            List<Submission> submissions,
            Duration span) {
        return new Story(
                subject,
                alerts.stream()
                        .filter(a -> a.getSubject().equals(subject))
                        .max(Comparator.comparing(Alert::getStartedAt).thenComparing(Alert::getRevision))
                        .orElse(null),
                block,
                word,
                null,
                findings.stream()
                        .filter(f -> f.getSubject().equals(subject))
                        .sorted(Comparator.comparing(Finding::getOccurredAt))
                        .toList(),
                submissions.stream()
                        .filter(s -> subject.equals(s.getAccount()) || subject.equals(s.getClientIp()))
                        .filter(s -> Phase.of(s) != Phase.OUTCOME)
                        .sorted(Comparator.comparing(Submission::getOccurredAt))
                        .toList(),
                alerts.stream()
                        .filter(a -> a.getSubjectType().equals("host")
                                && !a.getState().equals("RESOLVED"))
                        .filter(a -> HostWatch.tellsOfMailOf(subject, a))
                        .map(Alert::getSubject)
                        .sorted()
                        .toList(),
                true,
                span);
    }

    /**
     * When what is explained begins: with the stay during which it was noticed, as a thief sends some messages before that.
     * The end of what is known when nothing happened.
     */
    Instant turn() {
        if (alert != null) {
            Instant noticed = alert.getStartedAt();
            Set<String> addresses = alert.getEvidence().stream()
                    .map(Evidence::getClientIp)
                    .filter(Objects::nonNull)
                    .collect(Collectors.toSet());
            return stays().stream()
                    .filter(stay -> addresses.contains(stay.address())
                            && !stay.from().isAfter(noticed)
                            && !stay.to().isBefore(noticed))
                    .map(Stay::from)
                    .min(Comparator.naturalOrder())
                    .orElse(noticed);
        }
        return submissions.isEmpty()
                ? Instant.EPOCH
                : submissions.get(submissions.size() - 1).getOccurredAt().plusMillis(1);
    }

    /** The same subject, an address, under an operator's block of a network; null for none. */
    Story under(OperatorOverride blockOfNetwork) {
        return new Story(
                subject, alert, block, word, blockOfNetwork, findings, submissions, disobeying, enforced, span);
    }

    /** The same where no host has an enforcer: what is decided is in force nowhere. */
    Story onlyWatched() {
        return new Story(subject, alert, block, word, network, findings, submissions, disobeying, false, span);
    }

    /** An operator's block of the subject itself, which hosts put before the detector's; null when none stands. */
    OperatorOverride operatorsBlock(Instant now) {
        return blocks(word, now) ? word : null;
    }

    /** An operator's block of a network that stands and that no word on the address itself opens; null for none. */
    OperatorOverride networksBlock(Instant now) {
        boolean allowed = counts(word, now) == OverridePrecedence.Counts.ALLOWANCE;
        return blocks(network, now) && !allowed ? network : null;
    }

    /** Whether an operator's word, which may be null, is a block that stands. */
    static boolean blocks(OperatorOverride wordOrNull, Instant now) {
        return counts(wordOrNull, now) == OverridePrecedence.Counts.OPERATORS_BLOCK;
    }

    private static OverridePrecedence.Counts counts(OperatorOverride word, Instant now) {
        return OverridePrecedence.of(
                null,
                word == null ? null : new OverridePrecedence.Override(word.getVerb(), word.getAt(), word.getEndsAt()),
                now);
    }

    List<Submission> before() {
        Instant turn = turn();
        return submissions.stream()
                .filter(s -> s.getOccurredAt().isBefore(turn))
                .toList();
    }

    List<Submission> since() {
        Instant turn = turn();
        return submissions.stream()
                .filter(s -> !s.getOccurredAt().isBefore(turn))
                .toList();
    }

    List<Stay> stays() {
        List<Stay> result = new ArrayList<>();
        for (Submission s : submissions) {
            if (s.getPhase().startsWith("AUTH_")) {
                continue;
            }
            Stay last = result.isEmpty() ? null : result.get(result.size() - 1);
            boolean same = last != null
                    && Objects.equals(last.address(), address(s))
                    && s.getOccurredAt().isBefore(last.to().plus(PAUSE));
            Stay stay = same
                    ? last
                    : new Stay(place(s), address(s), s.getHostId(), s.getOccurredAt(), s.getOccurredAt(), 0, 0, 0, 0);
            if (same) {
                result.remove(result.size() - 1);
            }
            result.add(stay.with(s));
        }
        return result;
    }

    /** Messages accepted by hour since 1970, hours without any left out. */
    Map<Long, Long> hours() {
        return submissions.stream()
                .filter(s -> Phase.of(s) == Phase.ACCEPTED)
                .collect(Collectors.groupingBy(
                        s -> s.getOccurredAt().getEpochSecond() / 3600, TreeMap::new, Collectors.counting()));
    }

    /** The newest finding of each detector, in order of time. */
    List<Finding> opinions() {
        Map<String, Finding> newest = new LinkedHashMap<>();
        findings.stream()
                .filter(f -> alert == null || !f.getOccurredAt().isBefore(alert.getStartedAt()))
                .forEach(f -> newest.merge(f.getDetector(), f, (a, b) -> b.getScore() >= a.getScore() ? b : a));
        return newest.values().stream()
                .sorted(Comparator.comparing(Finding::getOccurredAt))
                .toList();
    }

    static Map<String, Long> places(List<Submission> of) {
        Map<String, Long> counts = of.stream()
                .filter(s -> Phase.of(s) == Phase.ACCEPTED)
                .collect(Collectors.groupingBy(Story::place, Collectors.counting()));
        Map<String, Long> result = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(e -> result.put(e.getKey(), e.getValue()));
        return result;
    }

    static long accepted(List<Submission> of) {
        return of.stream().filter(s -> Phase.of(s) == Phase.ACCEPTED).count();
    }

    static String place(Submission s) {
        if (s.getCity() != null) {
            return s.getCity() + " " + (s.getCountry() == null ? "" : s.getCountry());
        }
        if (s.getCountry() != null) {
            return s.getCountry();
        }
        return s.getNetwork() != null ? s.getNetwork() : "unknown place";
    }

    private static String address(Submission s) {
        return s.getClientIp() == null ? "" : s.getClientIp();
    }
}
