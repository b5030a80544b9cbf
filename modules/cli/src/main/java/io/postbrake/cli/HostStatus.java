package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One host's enforcement, out of what it reported and the blocks that stand.
 *
 * @param host its enforcer's newest report of itself; where it has none, its shipper's
 * @param shipper its shipper's newest report of its logs; null without one
 * @param missing blocks decided since it started that it has not confirmed
 * @param behind for how long the oldest of those has stood; zero without one
 * @param confirmed when it last said that its tables follow: a block, the end of one, or an operator's word; null: never
 * @param lineToMap milliseconds from the evidence's log line to the table, ascending
 * @param lineToRefusal milliseconds from the evidence's log line to the first refusal, ascending
 * @param held messages that wait because of us
 * @param keptOut blocks in force that the host's own settings keep out of its tables
 * @param incident what the watch over hosts tells of it, null when it is well
 */
record HostStatus(
        EnforcementReport host,
        EnforcementReport shipper,
        long missing,
        Duration behind,
        Instant confirmed,
        List<Long> lineToMap,
        List<Long> lineToRefusal,
        long held,
        long keptOut,
        String incident,
        Instant now) {

    private static final String SHIPPER = "shipper";
    /** Three reports of the longest interval that is usual. */
    private static final Duration SILENT = Duration.ofMinutes(1);
    /** A host's shipper and enforcer stop at once, and what one says last may be newer than the other's farewell. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(30);

    /** All hosts that ever reported, by name. */
    static List<HostStatus> of(Collection<Block> blocks, Collection<EnforcementReport> reports, Instant now) {
        return of(blocks, reports, List.of(), now);
    }

    /** The same, with what is open of hosts among the incidents. */
    static List<HostStatus> of(
            Collection<Block> blocks, Collection<EnforcementReport> reports, Collection<Alert> alerts, Instant now) {
        Map<String, String> incidents = alerts.stream()
                .filter(a -> a.getSubjectType().equals("host") && !a.getState().equals("RESOLVED"))
                .collect(Collectors.toMap(Alert::getSubject, Alert::getDescription, (one, another) -> another));
        Map<String, List<EnforcementReport>> byHost =
                reports.stream().collect(Collectors.groupingBy(r -> r.getHostId(), TreeMap::new, Collectors.toList()));
        List<HostStatus> result = new ArrayList<>();
        byHost.forEach((id, all) -> {
            List<EnforcementReport> own = ofHostsThatAre(all);
            EnforcementReport shipper = only(SHIPPER, own);
            EnforcementReport enforcer = only("host", own);
            if (enforcer != null) {
                result.add(of(enforcer, shipper, own, blocks, incidents.get(id), now));
            } else if (shipper != null) {
                result.add(of(shipper, shipper, own, List.of(), incidents.get(id), now));
            }
        });
        return result;
    }

    /** Without all that a host said before it was none any more. */
    private static List<EnforcementReport> ofHostsThatAre(List<EnforcementReport> own) {
        Instant ended = own.stream()
                .map(EnforcementReport::getEndedAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
        return ended == null
                ? own
                : own.stream()
                        .filter(r -> r.getEndedAt() == null && r.getAt().isAfter(ended.plus(LAST_WORDS)))
                        .toList();
    }

    private static EnforcementReport only(String kind, List<EnforcementReport> own) {
        return own.stream().filter(r -> r.getKind().equals(kind)).findFirst().orElse(null);
    }

    private static HostStatus of(
            EnforcementReport host,
            EnforcementReport shipper,
            List<EnforcementReport> own,
            Collection<Block> blocks,
            String incident,
            Instant now) {
        List<EnforcementReport> onBlocks =
                own.stream().filter(r -> r.getKind().equals("block")).toList();
        Set<String> known = onBlocks.stream()
                .map(EnforcementReport::getBlockId)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        List<Block> missing = blocks.stream()
                .filter(b -> b.getOnlyHost() == null || b.getOnlyHost().equals(host.getHostId()))
                .filter(b -> b.getEndsAt().isAfter(now)
                        && !known.contains(b.getBlockId().toString()))
                .filter(b -> host.getStartedAt() == null || b.getDecidedAt().isAfter(host.getStartedAt()))
                .toList();
        Duration behind = missing.stream()
                .map(b -> Duration.between(b.getDecidedAt(), now))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return new HostStatus(
                host,
                shipper,
                missing.size(),
                behind,
                own.stream()
                        .filter(r -> r.getKind().equals("block") || r.getKind().equals("word"))
                        .flatMap(r -> Stream.of(r.getWrittenAt(), r.getLiftedAt()))
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                millis(onBlocks, EnforcementReport::getWrittenAt),
                millis(onBlocks, EnforcementReport::getRefusedAt),
                own.stream()
                        .filter(r -> r.getKind().equals("queue"))
                        .mapToLong(EnforcementReport::getHeld)
                        .sum(),
                onBlocks.stream()
                        .filter(r -> r.getProblem() != null)
                        .filter(r -> blocks.stream()
                                .anyMatch(b -> b.getEndsAt().isAfter(now)
                                        && b.getBlockId().toString().equals(r.getBlockId())))
                        .count(),
                incident,
                now);
    }

    private interface Moment {
        Instant of(EnforcementReport report);
    }

    private static List<Long> millis(List<EnforcementReport> blocks, Moment moment) {
        return blocks.stream()
                .filter(r -> !r.getRestored() && r.getEvidenceAt() != null && moment.of(r) != null)
                .map(r -> Math.max(
                        0, Duration.between(r.getEvidenceAt(), moment.of(r)).toMillis()))
                .sorted()
                .toList();
    }

    boolean good() {
        return state().equals("ok") && missing == 0;
    }

    String state() {
        if (silence().compareTo(SILENT) > 0) {
            return "SILENT";
        }
        if (host.getProblem() != null || incident != null) {
            return "PROBLEM";
        }
        if (!logProblems().isEmpty()) {
            return "LOGS";
        }
        return host.getCaughtUp() || host.getKind().equals(SHIPPER) ? "ok" : "CATCHING";
    }

    /** What is wrong with what its shipper reads, a sentence each. */
    private List<String> logProblems() {
        if (shipper == null) {
            return List.of();
        }
        Duration silence = Duration.between(shipper.getAt(), now);
        return silence.compareTo(SILENT) > 0
                ? List.of("its shipper was last heard of " + seconds(silence) + " ago")
                : Objects.requireNonNullElse(shipper.getLogProblems(), List.of());
    }

    private Duration silence() {
        return Duration.between(host.getAt(), now);
    }

    private String label() {
        return shipper == null ? null : shipper.getHostLabel();
    }

    /** What people call it. */
    private String name() {
        return label() == null ? host.getHostId() : label();
    }

    /** The host's line of the table. */
    String line() {
        return String.format(
                Locale.ROOT,
                "%-12s %-9s %8d %8d %10s  %-24s %-18s %-18s %6d",
                Text.plain(name()),
                state(),
                host.getBlocksInForce(),
                missing,
                missing == 0 ? "-" : seconds(behind),
                confirmed == null ? "never" : confirmed,
                percentiles(lineToMap),
                percentiles(lineToRefusal),
                held);
    }

    /** The same for programs. */
    Map<String, Object> fields() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("hostId", host.getHostId());
        result.put("label", label());
        result.put("state", state());
        result.put("lastReportAt", host.getAt().toString());
        result.put("blocksInForce", host.getBlocksInForce());
        result.put("blocksMissing", missing);
        result.put("behindSeconds", behind.toSeconds());
        result.put("lastConfirmationAt", confirmed == null ? null : confirmed.toString());
        result.put("lineToMapMillis", quantiles(lineToMap));
        result.put("lineToRefusalMillis", quantiles(lineToRefusal));
        result.put("messagesHeld", held);
        result.put("blocksKeptOut", keptOut);
        result.put("problem", host.getProblem());
        result.put("incident", incident);
        result.put("queue", host.getQueue());
        result.put("logProblems", logProblems());
        return result;
    }

    private static Map<String, Long> quantiles(List<Long> ascending) {
        return ascending.isEmpty() ? null : Map.of("p50", at(ascending, 0.5), "p99", at(ascending, 0.99));
    }

    /** What else a person should know, a line each. */
    List<String> remarks() {
        boolean held = host.getQueue().equals("on") || host.getKind().equals(SHIPPER);
        Stream<String> enforcers = Stream.of(
                        state().equals("SILENT") ? "last heard of " + seconds(silence()) + " ago" : null,
                        host.getProblem(),
                        incident,
                        keptOut == 0 ? null : "policy.never.block keeps out " + keptOut + " of the blocks in force",
                        held ? null : "waiting mail is not held: queue " + host.getQueue(),
                        label() == null ? null : "host " + host.getHostId() + ", which ships only")
                .filter(Objects::nonNull);
        return Stream.concat(enforcers, logProblems().stream())
                .map(remark -> Text.plain(name()) + ": " + Text.plain(remark))
                .toList();
    }

    /** Why no mail is ever held on it, with its name; null where it is. */
    String holdsNothing() {
        if (host.getKind().equals(SHIPPER)) {
            return Text.plain(name()) + ": no mail is held there: nothing is enforced on it, as far as it told";
        }
        return host.getQueue().equals("on")
                ? null
                : Text.plain(name()) + ": no mail is held there: queue " + Text.plain(host.getQueue());
    }

    private static String percentiles(List<Long> ascending) {
        if (ascending.isEmpty()) {
            return "-";
        }
        return at(ascending, 0.5) + "/" + at(ascending, 0.99) + " ms";
    }

    /** Nearest rank. */
    private static long at(List<Long> ascending, double share) {
        return ascending.get(Math.max(0, (int) Math.ceil(share * ascending.size()) - 1));
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
