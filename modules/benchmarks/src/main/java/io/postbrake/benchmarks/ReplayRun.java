package io.postbrake.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.postfixlog.LineEnd;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.replay.Decision;
import io.postbrake.replay.Decisions;
import io.postbrake.replay.LogSource;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplayListener;
import io.postbrake.simulator.FleetLogs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A process of its own that reads the logs {@code HOST.log} of a folder once, in one of these ways, and prints what that took:
 * {@code lines} (a BufferedReader), {@code parse} (typed events, one host after the other), {@code replay}, or
 * {@code replay-geo} (with the folder's geo files).
 */
public final class ReplayRun {
    private static final Year YEAR = Year.of(FleetLogs.YEAR);

    private final List<String> old = new ArrayList<>();
    private long lines;
    private long decisions;

    private ReplayRun() {}

    /** What a run took, as it prints it. */
    record Figures(
            long lines,
            long decisions,
            double wallSeconds,
            double cpuSeconds,
            long peakHeapMb,
            String oldGenerationMb) {

        static Figures of(String printed) {
            String[] parts = printed.strip().split(" ");
            return new Figures(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    Double.parseDouble(parts[2]),
                    Double.parseDouble(parts[3]),
                    Long.parseLong(parts[4]),
                    parts[5]);
        }

        double linesPerCpuSecond() {
            return lines / cpuSeconds;
        }

        double linesPerSecond() {
            return lines / wallSeconds;
        }
    }

    /** Way, folder, and after how many lines the old generation is looked at. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[1]);
        List<Path> logs;
        try (var files = Files.list(folder)) {
            logs = files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
        }
        var run = new ReplayRun();
        long every = Long.parseLong(args[2]);
        switch (args[0]) {
            case "lines" -> run.lines(logs);
            case "parse" -> run.parse(logs);
            case "replay" -> run.replay(logs, GeoLookup.none(), every);
            case "replay-geo" -> {
                List<Path> geo = List.of(folder.resolve("places.mmdb"), folder.resolve("operators.mmdb"));
                try (MaxMindGeo files = MaxMindGeo.open(geo)) {
                    run.replay(logs, files, every);
                }
            }
            default ->
                throw new IllegalArgumentException("way '" + args[0] + "': give lines, parse, replay or replay-geo");
        }
        run.print();
    }

    private void print() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        // From the start of the machine on: what it takes to get going counts.
        double wall = ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
        System.out.printf(
                Locale.ROOT,
                "%d %d %.3f %.3f %d %s%n",
                lines,
                decisions,
                wall,
                system.getProcessCpuTime() / 1e9,
                peak >> 20,
                old.isEmpty() ? "-" : String.join(",", old));
    }

    private void lines(List<Path> logs) throws IOException {
        for (Path log : logs) {
            try (BufferedReader in = Files.newBufferedReader(log)) {
                while (in.readLine() != null) {
                    lines++;
                }
            }
        }
    }

    private void parse(List<Path> logs) throws IOException {
        byte[] buffer = new byte[1 << 17];
        for (Path log : logs) {
            var parser = PostfixLogParser.ofArchive(ZoneOffset.UTC, YEAR);
            Instant now = Instant.now();
            long position = 0;
            int end = 0;
            try (InputStream in = Files.newInputStream(log)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer, end, buffer.length - end)) {
                    end += n;
                    int at = 0;
                    for (int feed = LineEnd.find(buffer, at, end); feed >= 0; feed = LineEnd.find(buffer, at, end)) {
                        var origin = new LineOrigin("host", "log", 0, position, now);
                        MailEvent event = parser.parse(buffer, at, feed - at, origin);
                        lines += event.getKind().equals("unparsed") ? 0 : 1;
                        position += feed + 1 - at;
                        at = feed + 1;
                    }
                    System.arraycopy(buffer, at, buffer, 0, end - at);
                    end -= at;
                }
            }
        }
    }

    private void replay(List<Path> logs, GeoLookup geo, long every) throws IOException {
        MemoryPoolMXBean tenured = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
                .findFirst()
                .orElseThrow();
        var told = new Decisions(this::decided);
        var replay = Replay.builder().geo(geo).listener(new ReplayListener() {
            private long events;

            @Override
            public void event(MailEvent event) {
                if (++events % every == 0) {
                    old.add(String.valueOf(tenured.getUsage().getUsed() >> 20));
                }
            }

            @Override
            public void alert(Instant at, Alert alert, String detector) {
                told.alert(at, alert, detector);
            }

            @Override
            public void block(Instant at, Block block, String detector) {
                told.block(at, block, detector);
            }
        });
        for (Path log : logs) {
            String host = log.getFileName().toString().replace(".log", "");
            replay.host(host, LogSource.file(log, ZoneOffset.UTC, YEAR));
        }
        lines = replay.run().lines();
    }

    private void decided(Decision decision) {
        decisions++;
    }
}
