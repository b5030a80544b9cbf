package io.postbrake.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** How fast lines are read on one core, beside other ways to read the same lines on the same machine in the same run. */
@Tag("soak")
@Timeout(900)
class ParserSpeedIT {
    private static final Path LOGNORMALIZER = Path.of("/usr/bin/lognormalizer");
    private static final int COPIES = 30;

    @TempDir
    private Path dir;

    @Test
    void aCoreReadsMoreLinesThanOtherWaysDo() throws Exception {
        Collection<RunResult> results = measured();
        double ours = pace(results, "postbrake");
        double regex = pace(results, "javaUtilRegex");
        List<String> body = new ArrayList<>(List.of(
                "Lines that one thread reads from a log in memory (JMH, `ParserBenchmark`, 100,000 lines of `LogMix`, "
                        + LogMix.of(ParserBenchmark.LINES, 1).length / ParserBenchmark.LINES
                        + " bytes each on average). A processor second counts all that the process used, garbage"
                        + " collector and compiler included; the wall clock suffers when others use the machine.",
                "",
                "| | lines for each processor second | lines a second, wall clock | bytes allocated a line |",
                "|---|---|---|---|",
                row("Postbrake: lines found, typed events", results, "postbrake"),
                row("`BufferedReader`: lines only", results, "bufferedReader"),
                row(
                        "`java.util.regex`: `BufferedReader`, a pattern for the header and one a shape",
                        results,
                        "javaUtilRegex")));
        body.add(lognormalizer());

        Report.write("parser.md", "Reading log lines", body);

        assertThat(ours).isGreaterThan(1.5 * regex);
    }

    private static Collection<RunResult> measured() throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include(ParserBenchmark.class.getName())
                        .addProfiler(GCProfiler.class)
                        .addProfiler(CpuProfiler.class)
                        .shouldFailOnError(true)
                        .build())
                .run();
    }

    private static RunResult of(Collection<RunResult> results, String name) {
        return results.stream()
                .filter(result -> result.getParams().getBenchmark().endsWith("." + name))
                .findFirst()
                .orElseThrow();
    }

    private static double pace(Collection<RunResult> results, String name) {
        return of(results, name).getSecondaryResults().get(CpuProfiler.LABEL).getScore();
    }

    private static String row(String what, Collection<RunResult> results, String name) {
        RunResult result = of(results, name);
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %.0f |",
                what,
                pace(results, name),
                result.getPrimaryResult().getScore(),
                result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
    }

    /** liblognorm's own tool over the same lines, with rules for just these shapes, without output: it prints none that fit. */
    private String lognormalizer() throws IOException, InterruptedException {
        if (!Files.exists(LOGNORMALIZER)) {
            return "| liblognorm: not installed | | | |";
        }
        Path log = dir.resolve("mail.log");
        byte[] lines = LogMix.of(ParserBenchmark.LINES, 1);
        try (var out = Files.newOutputStream(log)) {
            for (int i = 0; i < COPIES; i++) {
                out.write(lines);
            }
        }
        Path rules = dir.resolve("postfix.rulebase");
        try (var in = getClass().getResourceAsStream("/postfix.rulebase")) {
            Files.copy(in, rules);
        }
        Path unread = dir.resolve("unread.txt");
        long started = System.nanoTime();
        Process process = new ProcessBuilder(LOGNORMALIZER.toString(), "-r", rules.toString(), "-P")
                .redirectInput(log.toFile())
                .redirectErrorStream(true)
                .redirectOutput(unread.toFile())
                .start();
        Duration used = Duration.ZERO;
        while (!process.waitFor(2, TimeUnit.MILLISECONDS)) {
            used = process.info().totalCpuDuration().orElse(used);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        assertThat(Files.readString(unread)).as("lines that fit no rule").isEmpty();
        double count = (double) COPIES * ParserBenchmark.LINES;
        return String.format(
                Locale.ROOT,
                "| liblognorm (`lognormalizer`, rules for these shapes only, in C) | %,.0f | %,.0f | |",
                count / (used.toMillis() / 1e3),
                count / seconds);
    }
}
