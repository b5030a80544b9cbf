package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.pipeline.Spawned.Usage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a backlog takes: many lines at once, and a theft behind them.
 *
 * @param lines how many
 * @param seconds from the first byte until the block of the theft is in the map
 * @param usage of each process until all is quiet again, by its name
 * @param idlePercent of one core, all processes together, with nothing to do
 */
record FlatOut(int lines, double seconds, Map<String, Usage> usage, double idlePercent) {
    private static final int IDLE_SECONDS = 15;

    /** Warms an installation with {@code warm} lines, and measures {@code lines} more. */
    static FlatOut measure(Installation installation, Traffic traffic, int warm, int lines)
            throws IOException, InterruptedException {
        traffic.stolen(traffic.nextAccount(), new byte[0]);
        traffic.stolen(traffic.nextAccount(), traffic.lines(warm));
        installation.quiet();
        byte[] backlog = traffic.lines(lines);
        Map<String, Usage> before = installation.usage();
        double seconds = traffic.stolen(traffic.nextAccount(), backlog) / 1e9;
        installation.quiet();
        Map<String, Usage> taken = since(before, installation.usage());
        Map<String, Usage> idle = installation.usage();
        TimeUnit.SECONDS.sleep(IDLE_SECONDS);
        double rest = sum(since(idle, installation.usage())).cpu() / IDLE_SECONDS * 100;
        return new FlatOut(lines, seconds, taken, rest);
    }

    private static Map<String, Usage> since(Map<String, Usage> before, Map<String, Usage> now) {
        Map<String, Usage> taken = new LinkedHashMap<>();
        now.forEach((name, usage) -> taken.put(name, usage.since(before.getOrDefault(name, Usage.NONE))));
        return taken;
    }

    private static Usage sum(Map<String, Usage> all) {
        return all.values().stream().reduce(Usage.NONE, Usage::and);
    }

    /** All processes together. */
    Usage all() {
        return sum(usage);
    }

    /** Processor seconds of the process for a million lines. */
    double cpuAMillion(Usage of) {
        return of.cpu() / lines * 1e6;
    }
}
