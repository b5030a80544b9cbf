package io.postbrake.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.testkit.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a line costs from the log to the map, broker, registry and all: the whole of one mail server in a process. */
@Tag("soak")
@Timeout(1500)
class PipelineIT {

    private static final int WARM = 400_000;
    private static final int LINES = 400_000;
    /** As the launcher starts {@code postbrake up}. */
    private static final String FLAGS = "-XX:+UseSerialGC -Xmx512m -XX:+ExitOnOutOfMemoryError"
            + " --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    @TempDir
    private Path dir;

    @Test
    void theThiefBehindFourHundredThousandLinesIsStopped() throws Exception {
        // Given
        Path launcher = Files.writeString(
                dir.resolve("postbrake"),
                "#!/bin/sh\nexec '%s/bin/java' %s -cp '%s' '%s' \"$@\"\n"
                        .formatted(
                                System.getProperty("java.home"),
                                FLAGS,
                                System.getProperty("java.class.path"),
                                Up.class.getName()));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        // When
        FlatOut flat;
        try (Installation up = Installation.up(new Build("this", launcher), dir.resolve("run"))) {
            flat = FlatOut.measure(up, new Traffic(up), WARM, LINES);
        }
        // Then
        Spawned.Usage usage = flat.all();
        assertThat(usage.residentMib())
                .as("MiB that 512 of heap come to (docs/detector.md)")
                .isBetween(512L, 912L);
        Report.write(
                "pipeline.md",
                "The whole of one mail server",
                List.of(
                        String.format(
                                Locale.ROOT,
                                "`postbrake up` as a process of its own (`%s`), with broker and registry in it, after %,d lines"
                                        + " to get warm: %,d lines of one host that has customers (`FleetMix`: submissions of"
                                        + " 2,000 accounts, mail from 5,000 servers, guesses from 1,000 addresses, refusals,"
                                        + " postscreen) are appended at once, and a theft behind them. Processor seconds are"
                                        + " the kernel's, compiler and garbage collector included, until all is quiet again.",
                                FLAGS,
                                WARM,
                                LINES),
                        "",
                        "| | |",
                        "|---|---|",
                        row("seconds until the theft is in the map", "%.1f", flat.seconds()),
                        row("lines a second", "%,.0f", flat.lines() / flat.seconds()),
                        row("processor seconds a million lines", "%.0f", flat.cpuAMillion(usage)),
                        row("of these in the kernel", "%.0f", usage.system() / flat.lines() * 1e6),
                        row("resident memory, MiB", "%.0f", usage.residentMib()),
                        row("percent of a core with nothing to do", "%.1f", flat.idlePercent())));
    }

    private static String row(String what, String format, double figure) {
        return "| " + what + " | " + String.format(Locale.ROOT, format, figure) + " |";
    }

    /** {@code up --config=FILE} of a single mail server, and {@code config check FILE}. */
    static final class Up {
        private Up() {}

        public static void main(String[] args) throws Exception {
            if (args[0].equals("config")) {
                LocalConfig.read(Path.of(args[2])); // the check of it
                return;
            }
            Path config = Path.of(args[1].substring("--config=".length()));
            try (LocalStack stack = LocalStack.start(LocalConfig.read(config), part -> {})) {
                System.out.println("up: " + stack.clientFile());
                Thread.currentThread().join();
            }
        }
    }
}
