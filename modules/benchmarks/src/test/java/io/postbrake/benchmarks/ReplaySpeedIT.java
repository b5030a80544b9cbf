package io.postbrake.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.simulator.FleetLogs;
import io.postbrake.testkit.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replay of eight million lines on one core in 512 MB of heap, beside what reading the same lines costs by itself. */
@Tag("soak")
@Timeout(900)
class ReplaySpeedIT {
    private static final Path TASKSET = Path.of("/usr/bin/taskset");
    private static final int USERS = 6000;
    private static final int DAYS = 30;
    private static final long LINES = 8_000_000;
    private static final List<String> FLAGS = List.of("-Xmx512m", "-XX:+UseSerialGC");
    /** With which the launcher starts {@code postbrake replay}. */
    private static final String[] SHALLOW = {"-XX:FreqInlineSize=40", "-XX:InlineSmallCode=500", "-XX:MaxInlineLevel=5"
    };

    @TempDir
    private Path dir;

    @Test
    void eightMillionLinesAreReplayedOnOneCore() throws Exception {
        FleetLogs logs = FleetLogs.write(1, USERS, DAYS, LINES, dir);
        assertThat(logs.lines()).isEqualTo(LINES);

        ReplayRun.Figures geo = run("replay-geo", SHALLOW);
        ReplayRun.Figures plain = run("replay", SHALLOW);
        ReplayRun.Figures deep = run("replay-geo");
        ReplayRun.Figures parse = run("parse");
        ReplayRun.Figures lines = run("lines");

        long bytes = 0;
        for (Path log : logs.logs().values()) {
            bytes += Files.size(log);
        }
        Report.write(
                "replay.md",
                "Replaying logs",
                List.of(
                        String.format(
                                Locale.ROOT,
                                "A simulated fleet's logs (%,d accounts, %d days, four hosts, %,d lines, %d MB) from the"
                                        + " file cache, each row a process of its own, start and end included, with `%s`%s;"
                                        + " the first two also with `%s`, as the launcher does. A processor second counts all that the process used, garbage collector and"
                                        + " compiler included.",
                                USERS,
                                DAYS,
                                LINES,
                                bytes >> 20,
                                String.join(" ", FLAGS),
                                pinned() ? ", held on one core by `taskset`" : " `-XX:ActiveProcessorCount=1`",
                                String.join(" ", SHALLOW)),
                        "",
                        "| | lines for each processor second | lines a second, wall clock | peak heap, MB |",
                        "|---|---|---|---|",
                        row("`postbrake replay` with places and operators of addresses", geo),
                        row("`postbrake replay` without geo files", plain),
                        row("the first, but without `" + String.join(" ", SHALLOW) + "`: longer in the compiler", deep),
                        row("the parser alone", parse),
                        row("`BufferedReader` alone", lines),
                        "",
                        "MB in the old generation after each million lines, with geo files: " + geo.oldGenerationMb()
                                + ". Decisions: " + geo.decisions() + " with geo files, " + plain.decisions()
                                + " without."));

        assertThat(List.of(geo.lines(), plain.lines(), deep.lines(), parse.lines(), lines.lines()))
                .containsOnly(LINES);
        assertThat(geo.decisions()).isPositive();
        assertThat(geo.linesPerCpuSecond()).isGreaterThan(100_000);
    }

    private static boolean pinned() {
        return Files.isExecutable(TASKSET);
    }

    private ReplayRun.Figures run(String way, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (pinned()) {
            command.addAll(List.of(TASKSET.toString(), "-c", "0"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(List.of(more));
        if (!pinned()) {
            command.add("-XX:ActiveProcessorCount=1");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ReplayRun.class.getName(), way));
        command.addAll(List.of(dir.toString(), String.valueOf(LINES / 8)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(way).isZero();
        System.out.println(way + ": " + printed);
        return ReplayRun.Figures.of(printed);
    }

    private static String row(String what, ReplayRun.Figures figures) {
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %d |",
                what,
                figures.linesPerCpuSecond(),
                figures.linesPerSecond(),
                figures.peakHeapMb());
    }
}
