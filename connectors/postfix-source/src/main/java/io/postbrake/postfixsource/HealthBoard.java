package io.postbrake.postfixsource;

import io.postbrake.block.EnforcementReport;
import io.postbrake.logtail.LogPattern;
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
    private final List<LogPattern> patterns;
    private final LogFile files = new LogFile();
    private final Map<Path, Instant> absentSince = new LinkedHashMap<>();
    private final Instant startedAt;
    private Set<String> told = Set.of();
    private Instant lookedAt = Instant.MIN;
    private Instant reportedAt = Instant.MIN;
    private volatile List<Problem> problems = List.of();

    HealthBoard(List<LogPattern> patterns, InstantSource clock) {
        this.patterns = patterns;
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
        List<Problem> found = new ArrayList<>();
        for (LogPattern pattern : patterns) {
            unmatched(pattern, found);
        }
        for (LogShipper log : logs) {
            log.health().unreadable(absence(log.log(), now));
            add(new Judged(log.health(), log.sample()), now, found);
        }
        others.forEach(other -> add(other, now, found));
        problems = List.copyOf(found);
        tell(found);
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
        return problems;
    }

    /** The same for people, a line each; empty when all is well. */
    String text() {
        return String.join("\n", problems.stream().map(Problem::sentence).toList());
    }

    /** What this host's shipper has to report, when that is due; null when it is not. */
    EnforcementReport report(String hostId) {
        Instant now = clock.instant();
        if (now.isBefore(reportedAt.plus(REPORT)) && !now.isBefore(reportedAt)) {
            return null;
        }
        reportedAt = now;
        return EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind("shipper")
                .setAt(now.truncatedTo(ChronoUnit.MILLIS))
                .setStartedAt(startedAt.truncatedTo(ChronoUnit.MILLIS))
                .setLogProblems(problems.stream().map(Problem::sentence).toList())
                .build();
    }
}
