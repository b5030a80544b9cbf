package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.pipeline.Spawned.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What all rounds showed, as a page of Markdown and a plot. */
final class Page {
    private final Path root;
    private final List<Build> builds;
    private final int warm;
    private final int lines;
    private final int rounds;
    private final Map<Build, List<FlatOut>> up = new LinkedHashMap<>();
    private final Map<Build, List<FlatOut>> fleet = new LinkedHashMap<>();
    private final Map<Build, Map<Integer, List<Latency>>> latencies = new LinkedHashMap<>();
    private final Map<Build, Long> others = new LinkedHashMap<>();
    private final Map<String, List<Peers.Taken>> peers = new LinkedHashMap<>();

    Page(Path root, List<Build> builds, int warm, int lines, int rounds) {
        this.root = root;
        this.builds = builds;
        this.warm = warm;
        this.lines = lines;
        this.rounds = rounds;
    }

    void upFlat(Build build, FlatOut flat) {
        up.computeIfAbsent(build, b -> new ArrayList<>()).add(flat);
    }

    void fleetFlat(Build build, FlatOut flat) {
        fleet.computeIfAbsent(build, b -> new ArrayList<>()).add(flat);
    }

    void latency(Build build, Latency latency) {
        latencies
                .computeIfAbsent(build, b -> new LinkedHashMap<>())
                .computeIfAbsent(latency.rate(), r -> new ArrayList<>())
                .add(latency);
    }

    private static List<FlatOut> of(Map<Build, List<FlatOut>> all, Build build) {
        return all.getOrDefault(build, List.of());
    }

    /** How many logins were blocked that nobody stole. */
    void others(Build build, long blocked) {
        others.put(build, blocked);
    }

    void peer(String name, Optional<Peers.Taken> taken) {
        List<Peers.Taken> all = peers.computeIfAbsent(name, n -> new ArrayList<>());
        taken.ifPresent(all::add);
    }

    /** The page; {@code plotOrNull} is the file name of the plot. */
    String text(@Nullable Path plotOrNull) throws IOException {
        var page = new StringBuilder("# What a line costs, from the log to the map\n\n");
        page.append(machine())
                .append(", ")
                .append(LocalDate.now(ZoneOffset.UTC))
                .append(". Made by `./postbrake bench`.\n\n");
        page.append(String.format(
                Locale.ROOT,
                "One host that has customers (`FleetMix`: submissions of 2,000 accounts, mail from 5,000 servers, guesses from 1,000"
                        + " addresses, refusals, postscreen), %,d lines to get warm, then %,d at once and a theft behind them. Builds in turn,"
                        + " %d rounds: medians, and in brackets the least and the greatest. A processor second counts all that a process"
                        + " used, compiler and garbage collector included, until all is quiet again. In each run each line became one event"
                        + " of `mail.events.v1`, and all accounts that were stolen were blocked (further ones of the mix, which send as much: %s).%n",
                warm,
                lines,
                rounds,
                others.values().stream().map(String::valueOf).collect(Collectors.joining(" and "))));
        if (plotOrNull != null) {
            page.append("\n![Processor seconds a million lines](")
                    .append(plotOrNull)
                    .append(")\n");
        }
        costs(page);
        processes(page);
        latencies(page);
        return page.toString();
    }

    private void costs(StringBuilder page) {
        page.append("\n## Of a million lines\n\n| | processor seconds | lines a second |\n|---|---|---|\n");
        for (Build build : builds) {
            row(
                    page,
                    "`" + build.name() + "`, `up`",
                    of(up, build),
                    f -> f.cpuAMillion(f.all()),
                    f -> f.lines() / f.seconds());
            row(
                    page,
                    "`" + build.name() + "`, four processes",
                    of(fleet, build),
                    f -> f.cpuAMillion(f.all()),
                    f -> f.lines() / f.seconds());
        }
        peers.forEach((name, taken) -> {
            if (taken.isEmpty()) {
                page.append("| ").append(name).append(" | not installed here | |\n");
            } else {
                row(page, name, taken, Peers.Taken::cpuAMillion, Peers.Taken::linesASecond);
            }
        });
        if (builds.size() > 1) {
            page.append('\n');
            ratio(page, "`up`", up);
            ratio(page, "four processes", fleet);
        }
    }

    private static <T> void row(
            StringBuilder page, String name, List<T> of, ToDoubleFunction<T> cpu, ToDoubleFunction<T> pace) {
        page.append("| ")
                .append(name)
                .append(" | ")
                .append(Spread.of(of, cpu).text("%.1f"))
                .append(" | ")
                .append(Spread.of(of, pace).text("%,.0f"))
                .append(" |\n");
    }

    /** Of the rounds' pairs, not of the medians. */
    private void ratio(StringBuilder page, String what, Map<Build, List<FlatOut>> of) {
        List<FlatOut> now = of(of, builds.get(0));
        List<FlatOut> before = of(of, builds.get(1));
        List<Integer> pairs = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            pairs.add(i);
        }
        Spread cpu = Spread.of(
                pairs,
                i -> now.get(i).cpuAMillion(now.get(i).all())
                        / before.get(i).cpuAMillion(before.get(i).all()));
        Spread time = Spread.of(pairs, i -> now.get(i).seconds() / before.get(i).seconds());
        page.append(String.format(
                "%s: %s times the processor time of `%s`, and %s times the time until the theft is stopped.%n",
                Character.toUpperCase(what.charAt(0)) + what.substring(1),
                cpu.text("%.2f"),
                builds.get(1).name(),
                time.text("%.2f")));
    }

    private void processes(StringBuilder page) {
        page.append(
                "\n## By process\n\nMiB resident when all is quiet again; KB on disk, written by the kernel until then, and KB of objects, a"
                        + " thousand lines. Idle: percent of a core, all processes together.\n\n"
                        + "| | CPU s a million: user | in the kernel | MiB | KB to disk | KB of objects | idle |\n|---|---|---|---|---|---|---|\n");
        for (Build build : builds) {
            for (Map<Build, List<FlatOut>> set : List.of(up, fleet)) {
                List<FlatOut> all = of(set, build);
                for (String process : all.get(0).usage().keySet()) {
                    processRow(page, build, process, all);
                }
            }
        }
    }

    private static void processRow(StringBuilder page, Build build, String process, List<FlatOut> all) {
        ToDoubleFunction<ToDoubleFunction<Usage>> median =
                of -> Spread.of(all, f -> of.applyAsDouble(f.usage().getOrDefault(process, Usage.NONE)) / f.lines())
                        .median();
        boolean first = process.equals(all.get(0).usage().keySet().iterator().next());
        page.append(String.format(
                Locale.ROOT,
                "| `%s`, %s | %.1f | %.1f | %.0f | %,.0f | %,.0f | %s |%n",
                build.name(),
                process,
                median.applyAsDouble(Usage::user) * 1e6,
                median.applyAsDouble(Usage::system) * 1e6,
                median.applyAsDouble(Usage::residentMib) * all.get(0).lines(),
                median.applyAsDouble(Usage::written),
                median.applyAsDouble(Usage::allocated),
                first
                        ? String.format(
                                Locale.ROOT,
                                "%.1f",
                                Spread.of(all, FlatOut::idlePercent).median())
                        : ""));
    }

    private void latencies(StringBuilder page) {
        page.append(
                "\n## How long it takes\n\nFrom the write of a theft's lines, milliseconds; four processes. Behind the backlog above it is its whole time.\n\n"
                        + "| | lines a second | to the decision: p50 | p99 | to the map: p50 | p99 | lines late at the end |\n|---|---|---|---|---|---|---|\n");
        latencies.forEach((build, rates) -> rates.forEach((rate, all) -> page.append(String.format(
                Locale.ROOT,
                "| `%s` | %,d | %.0f | %.0f | %.0f | %.0f | %,.0f |%n",
                build.name(),
                rate,
                Spread.of(all, l -> Latency.quantile(l.decisions(), 0.5)).median(),
                Spread.of(all, l -> Latency.quantile(l.decisions(), 0.99)).median(),
                Spread.of(all, l -> Latency.quantile(l.maps(), 0.5)).median(),
                Spread.of(all, l -> Latency.quantile(l.maps(), 0.99)).median(),
                Spread.of(all, Latency::behind).median()))));
    }

    /** Processor seconds a million lines as bars, of an SVG that has no colour of its own for its text. */
    String plot() {
        Map<String, Double> bars = new LinkedHashMap<>();
        for (Build build : builds) {
            bars.put(
                    build.name() + ", up",
                    Spread.of(of(up, build), f -> f.cpuAMillion(f.all())).median());
            bars.put(
                    build.name() + ", four",
                    Spread.of(of(fleet, build), f -> f.cpuAMillion(f.all())).median());
        }
        peers.forEach((name, taken) -> {
            double cpu = taken.isEmpty()
                    ? Double.NaN
                    : Spread.of(taken, Peers.Taken::cpuAMillion).median();
            if (!Double.isNaN(cpu)) {
                bars.put(name.split(",")[0], cpu);
            }
        });
        return Bars.svg("processor seconds a million lines", bars);
    }

    private String machine() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        String model = Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return String.format(
                Locale.ROOT,
                "%s, %d cores, Java %s, Linux %s, commit %s",
                model,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                System.getProperty("os.version"),
                builds.get(0).name());
    }
}
