package io.postbrake.postfixsource;

import io.postbrake.block.EnforcementReport;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.PodLogs;
import io.postbrake.postfixsource.LogHealth.Kind;
import io.postbrake.postfixsource.LogHealth.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with a host's logs, all together: told in the log when it changes, shown to metrics and reported. */
final class HealthBoard {

    private static final Logger LOG = LoggerFactory.getLogger(HealthBoard.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** A log is missing for a moment while it is rotated. */
    private static final Duration ABSENCE = Duration.ofSeconds(5);

    private static final Duration REPORT = Duration.ofSeconds(20);

    private final InstantSource clock;
    private final LogHost own;
    private final List<LogPattern> patterns;
    private final PodLogs pods;
    private final LogFile files = new LogFile();
    private final Map<Path, Instant> absentSince = new LinkedHashMap<>();
    private final Instant startedAt;
    private Set<String> told = Set.of();
    private Instant lookedAt = Instant.MIN;
    private Instant reportedAt = Instant.MIN;
    private Set<LogHost> reported = Set.of();
    private volatile Map<LogHost, List<Problem>> problems = Map.of();

    /**
     * A board.
     *
     * @param own the host that all is of which is no pod's
     * @param patterns of logs that are wanted
     * @param pods whose logs are wanted; null for none
     */
    HealthBoard(LogHost own, List<LogPattern> patterns, PodLogs pods, InstantSource clock) {
        this.own = own;
        this.patterns = patterns;
        this.pods = pods;
        this.clock = clock;
        startedAt = clock.instant();
    }

    /** One log's own judgement, and where a line lies that it did not understand. */
    record Judged(LogHealth health, Path sample) {}

    /** Looks at all logs when that is due. */
    void look(Iterable<LogShipper> logs, List<Judged> others) {
        Instant now = clock.instant();
        if (now.isBefore(lookedAt.plus(LOOK)) && !now.isBefore(lookedAt)) {
            return;
        }
        lookedAt = now;
        Map<LogHost, List<Problem>> found = new LinkedHashMap<>();
        List<Problem> ofOwn = found.computeIfAbsent(own, host -> new ArrayList<>());
        for (LogPattern pattern : patterns) {
            unmatched(pattern, ofOwn);
        }
        String noPods = pods == null ? null : files.problemOfPods(pods.directory());
        if (noPods != null) {
            ofOwn.add(new Problem(Kind.UNREADABLE, noPods));
        }
        for (LogShipper log : logs) {
            log.health().unreadable(log.isOfPod() ? files.problemOfPod(log.log()) : absence(log.log(), now));
            add(
                    new Judged(log.health(), log.sample()),
                    now,
                    found.computeIfAbsent(log.host(), host -> new ArrayList<>()));
        }
        others.forEach(other -> add(other, now, ofOwn));
        problems = found;
        tell(problems());
    }

    private static void unmatched(LogPattern pattern, List<Problem> found) {
        try {
            if (pattern.logs().isEmpty()) {
                found.add(new Problem(Kind.UNREADABLE, "no file is meant by " + pattern));
            }
        } catch (IOException e) {
            found.add(new Problem(Kind.UNREADABLE, pattern + " cannot be looked for: " + e));
        }
    }

    private String absence(Path log, Instant now) {
        String problem = files.problem(log);
        if (problem == null) {
            absentSince.remove(log);
            return null;
        }
        boolean wasThere = now.isAfter(startedAt.plus(LOOK));
        Instant since = absentSince.computeIfAbsent(log, l -> wasThere ? now : Instant.MIN);
        return since.equals(Instant.MIN) || !now.isBefore(since.plus(ABSENCE)) ? problem : null;
    }

    private static void add(Judged log, Instant now, List<Problem> found) {
        for (Problem problem : log.health().problems(now)) {
            found.add(
                    problem.kind() == Kind.NOT_UNDERSTOOD
                            ? new Problem(problem.kind(), problem.sentence() + "; one of them is in " + log.sample())
                            : problem);
        }
    }

    /** A sentence with another number in it is the same one. */
    private void tell(List<Problem> found) {
        Set<String> now = new HashSet<>();
        for (Problem problem : found) {
            String what = problem.sentence().replaceAll("\\d+", "#");
            now.add(what);
            if (!told.contains(what)) {
                LOG.warn("{}", problem.sentence());
            }
        }
        told.stream().filter(what -> !now.contains(what)).forEach(what -> LOG.info("no more: {}", what));
        if (!now.equals(told)) {
            reportedAt = Instant.MIN;
        }
        told = now;
    }

    /** What is wrong now. */
    List<Problem> problems() {
        return problems.values().stream().flatMap(List::stream).toList();
    }

    /** The same for people, a line each; empty when all is well. */
    String text() {
        return String.join("\n", problems().stream().map(Problem::sentence).toList());
    }

    /** What this shipper has to report of each of its hosts, when that is due; nothing when it is not. */
    List<EnforcementReport> reports() {
        Instant now = clock.instant();
        boolean newHost = !reported.containsAll(problems.keySet());
        if (!newHost && now.isBefore(reportedAt.plus(REPORT)) && !now.isBefore(reportedAt)) {
            return List.of();
        }
        reportedAt = now;
        reported = Set.copyOf(problems.keySet());
        List<EnforcementReport> reports = new ArrayList<>();
        problems.forEach((host, found) -> reports.add(report(host, now)
                .setLogProblems(found.stream().map(Problem::sentence).toList())
                .build()));
        return reports;
    }

    /** What is to be said of a host that is none any more. */
    EnforcementReport farewell(LogHost host) {
        Instant now = clock.instant();
        // Nothing is reported of it any more, also before the next look.
        Map<LogHost, List<Problem>> others = new LinkedHashMap<>(problems);
        others.remove(host);
        problems = others;
        return report(host, now)
                .setLogProblems(List.of())
                .setEndedAt(now.truncatedTo(ChronoUnit.MILLIS))
                .build();
    }

    private EnforcementReport.Builder report(LogHost host, Instant now) {
        return EnforcementReport.newBuilder()
                .setHostId(host.id())
                .setHostLabel(host.label())
                .setKind("shipper")
                .setAt(now.truncatedTo(ChronoUnit.MILLIS))
                .setStartedAt(startedAt.truncatedTo(ChronoUnit.MILLIS));
    }
}
