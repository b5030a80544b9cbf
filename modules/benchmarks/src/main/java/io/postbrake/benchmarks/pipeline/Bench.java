package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.FleetMix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code postbrake bench} of a checkout. */
@Command(
        name = "postbrake bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measure what a line costs from the log to the map: as one process (up) and as the four of a fleet (broker with registry,"
                    + " agent, detector, enforcer), beside another commit, Kafka's producer, a bare Kafka Streams topology, fail2ban and rsyslog.",
            "Builds take turns; tables have the median of the rounds, and the least and the greatest. Leave the machine alone meanwhile."
        })
final class Bench implements Callable<Integer> {

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds, of which the median counts; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--warm",
            defaultValue = "400000",
            paramLabel = "LINES",
            description = "Lines before the measured ones; default ${DEFAULT-VALUE}.")
    private int warm;

    @Option(
            names = "--lines",
            defaultValue = "400000",
            paramLabel = "LINES",
            description = "Lines of the backlog that is measured; default ${DEFAULT-VALUE}.")
    private int lines;

    @Option(
            names = "--rates",
            split = ",",
            defaultValue = "100,1000,10000",
            paramLabel = "N",
            description = "Lines a second at which the way of a theft's lines is timed; default ${DEFAULT-VALUE}.")
    private int[] rates = {};

    @Option(
            names = "--seconds",
            defaultValue = "40",
            description = "For how long at each of the rates; default ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--against",
            paramLabel = "COMMIT",
            description = "Another commit, built in a folder below --work and measured in turn; none by default.")
    private @Nullable String against;

    @Option(names = "--no-peers", description = "Leave the others out.")
    private boolean noPeers;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Folder for data, logs and the other build; default a new one that is deleted at the end.")
    private @Nullable Path work;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the page there, and the plot beside it; default to the terminal.")
    private @Nullable Path out;

    /** Measures in this checkout. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("postbrake.root", "")).toAbsolutePath();
        Path folder = work == null ? Files.createTempDirectory("postbrake-bench-") : Files.createDirectories(work);
        try {
            List<Build> builds = new ArrayList<>(List.of(Build.here(root)));
            if (against != null) {
                say("building " + against);
                builds.add(Build.of(root, against, folder));
            }
            var page = new Page(root, builds, warm, lines, rounds);
            for (int round = 1; round <= rounds; round++) {
                for (Build build : builds) {
                    one(page, build, folder, round);
                }
                if (!noPeers) {
                    peers(page, folder, round);
                }
            }
            if (out == null) {
                System.out.println(page.text(null));
            } else {
                Path plot = out.resolveSibling(out.getFileName().toString().replaceAll("\\.md$", "") + ".svg");
                Files.writeString(plot, page.plot());
                Files.writeString(out, page.text(plot.getFileName()));
                say("written: " + out + ", " + plot);
            }
            return 0;
        } finally {
            if (work == null) {
                delete(folder);
            }
        }
    }

    private void one(Page page, Build build, Path folder, int round) throws IOException, InterruptedException {
        Path dir = folder.resolve("round-" + round + "-" + build.name());
        try (Installation up = Installation.up(build, dir.resolve("up"))) {
            page.upFlat(build, told(build, "up", FlatOut.measure(up, new Traffic(up), warm, lines)));
        }
        try (Installation fleet = Installation.fleet(build, dir.resolve("fleet"))) {
            var traffic = new Traffic(fleet);
            page.fleetFlat(build, told(build, "fleet", FlatOut.measure(fleet, traffic, warm, lines)));
            for (int rate : rates) {
                Latency latency = Latency.measure(fleet, traffic, rate, seconds);
                page.latency(build, latency);
                say("%s, %d lines a second: median %.0f ms to the decision, %.0f to the map"
                        .formatted(
                                build.name(),
                                rate,
                                Latency.quantile(latency.decisions(), 0.5),
                                Latency.quantile(latency.maps(), 0.5)));
                fleet.quiet();
            }
            Truth truth = Truth.of(Objects.requireNonNull(fleet.brokers()));
            truth.mustAgree(traffic);
            page.others(build, truth.others(traffic));
        }
        delete(dir);
    }

    private static FlatOut told(Build build, String what, FlatOut flat) {
        say("%s, %s: %.1f CPU s a million lines, %.0f lines a second"
                .formatted(build.name(), what, flat.cpuAMillion(flat.all()), flat.lines() / flat.seconds()));
        return flat;
    }

    private void peers(Page page, Path folder, int round) throws IOException, InterruptedException {
        Path dir = folder.resolve("round-" + round + "-peers");
        byte[] first = new FleetMix(warm, 1, Instant.now()).bytes();
        byte[] measured = new FleetMix(lines, 2, Instant.now()).bytes();
        var peers = new Peers(dir, first, measured, lines);
        Peers.Taken[] kafka = peers.kafka();
        page.peer("Kafka's producer alone: lines to a topic", Optional.of(kafka[0]));
        page.peer("a bare topology of two hops, exactly once, and its broker", Optional.of(kafka[1]));
        page.peer("fail2ban, Debian's Postfix filter", peers.fail2ban());
        page.peer("rsyslog, imfile to omkafka, and its broker", peers.rsyslog());
        delete(dir);
    }

    private static void say(String what) {
        System.err.println("bench: " + what);
    }

    private static void delete(Path dir) throws IOException {
        try (var files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
