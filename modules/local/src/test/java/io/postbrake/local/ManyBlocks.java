package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.agent.Agent;
import io.postbrake.policysink.PolicyMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A great many blocks on one host, whose agent runs as its package starts it. */
final class ManyBlocks implements AutoCloseable {

    private static final List<String> AS_PACKAGED = List.of(
            "-Xmx64m", "-Xss512k", "-XX:ReservedCodeCacheSize=24m", "-Dorg.slf4j.simpleLogger.log.io.postbrake=info");
    private static final int MORE = 200;
    private static final int AT_ONCE = 5000;

    private final EnforcedFleet fleet;
    private final Path dir;
    private final int blocks;
    private final List<String> memory = new ArrayList<>();
    private final List<Double> fromRecord = new ArrayList<>();
    private final List<Double> fromCommit = new ArrayList<>();
    private JavaProcess agent;
    private ProcessMemory empty;
    private ProcessMemory full;
    private double liveSeconds;
    private double restoreSeconds;
    private double againSeconds;

    ManyBlocks(EnforcedFleet fleet, Path dir, int blocks) {
        this.fleet = fleet;
        this.dir = dir;
        this.blocks = blocks;
    }

    void run() throws Exception {
        start("first");
        awaitsMap();
        empty = remembered("no blocks");

        long from = System.nanoTime();
        fleet.decisions.blocked(
                (Iterable<String>) () ->
                        IntStream.range(0, blocks).mapToObj(ManyBlocks::account).iterator(),
                AT_ONCE);
        awaits(account(blocks - 1));
        liveSeconds = seconds(from);
        full = remembered("all came while it ran");
        moreBlocks();
        agent.kill();

        from = System.nanoTime();
        start("again");
        String news = "after-the-restart@my-domain.net";
        fleet.decisions.blocked(news, "reject");
        awaits(news);
        againSeconds = seconds(from);
        remembered("started again beside its map");
        agent.kill();

        Files.delete(map());
        from = System.nanoTime();
        start("fresh");
        awaitsMap();
        restoreSeconds = seconds(from);
        remembered("a fresh host, restored");
        assertThat(entries()).isEqualTo(blocks + MORE + 1L);
    }

    private void moreBlocks() throws InterruptedException {
        for (int i = 0; i < MORE; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
            String account = "more" + i + "@my-domain.net";
            long from = System.nanoTime();
            fleet.decisions.blocked(account, "reject");
            long committed = System.nanoTime();
            while (PolicyMap.read(map(), account).isEmpty()) {
                assertThat(seconds(from)).as("it takes for ever").isLessThan(20);
            }
            long now = System.nanoTime();
            fromRecord.add((now - from) / 1e6);
            fromCommit.add((now - committed) / 1e6);
        }
    }

    private ProcessMemory remembered(String when) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(2);
        var now = ProcessMemory.of(agent.pid());
        memory.add(now.row(when));
        return now;
    }

    private void start(String name) throws IOException {
        Path config = Files.writeString(dir.resolve(name + ".yaml"), """
                host.id: mx1
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                state.dir: %s
                enforcer:
                  policy.map.path: %s
                  policy.postfix.config.directories: []
                  errors.deadletterqueue.topic.replication.factor: 1
                http.port: -1
                """.formatted(
                        fleet.cluster.bootstrap(), fleet.cluster.gate.url(), dir.resolve(name + "-state"), map()));
        Files.createDirectories(map().getParent());
        agent = JavaProcess.start(dir.resolve("agent.out"), AS_PACKAGED, Agent.class, "--config", config.toString());
    }

    private void awaitsMap() throws Exception {
        long from = System.nanoTime();
        while (!Files.exists(map())) {
            notForEver(from);
        }
    }

    private void awaits(String account) throws Exception {
        long from = System.nanoTime();
        while (PolicyMap.read(map(), account).isEmpty()) {
            notForEver(from);
        }
    }

    private void notForEver(long from) throws Exception {
        assertThat(agent.isAlive() && seconds(from) < 300)
                .as(() -> "no end in sight: " + output())
                .isTrue();
        TimeUnit.MILLISECONDS.sleep(20);
    }

    private String output() {
        try {
            String all = Files.readString(dir.resolve("agent.out"));
            return all.substring(Math.max(0, all.length() - 4000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private long entries() throws IOException, InterruptedException {
        Path listed = dir.resolve("listed");
        int status = new ProcessBuilder(
                        "postmap", "-s", "lmdb:" + map().toString().replaceFirst("\\.lmdb$", ""))
                .redirectOutput(listed.toFile())
                .start()
                .waitFor();
        assertThat(status).isZero();
        try (Stream<String> lines = Files.lines(listed)) {
            return lines.count();
        }
    }

    double restoreSeconds() {
        return restoreSeconds;
    }

    double oneMore() {
        return RefusalTrials.p50(fromCommit);
    }

    /** How much more the heap holds with all blocks than with none, in MiB. */
    double heapGrowth() {
        return full.heap() - empty.heap();
    }

    /** Each time that the map in use was allowed to grow. */
    long growths() throws IOException {
        try (Stream<String> lines = Files.lines(dir.resolve("agent.out"))) {
            return lines.filter(line -> line.contains(" may grow to ")).count();
        }
    }

    List<String> page() throws IOException {
        List<String> result = new ArrayList<>(List.of(
                String.format(
                        Locale.ROOT,
                        "%,d blocks on one host, whose agent runs as its package starts it (64 MiB of heap): they came in"
                                + " %.0f s while it ran, with the producer and the broker on the same machine. A fresh host"
                                + " had its whole map %.1f s after the start of the process; one that was started again"
                                + " beside its map had the next block after %.1f s. The map has %,d MiB and was let grow"
                                + " %d times while it was in use.",
                        blocks,
                        liveSeconds,
                        restoreSeconds,
                        againSeconds,
                        Files.size(map()) >> 20,
                        growths()),
                "",
                String.format(
                        Locale.ROOT,
                        "One more block, %d trials, read in the map by another process: %.1f ms (p99 %.1f) after the"
                                + " transaction was committed, %.1f ms (p99 %.1f) after it was begun.",
                        MORE,
                        RefusalTrials.p50(fromCommit),
                        RefusalTrials.at(fromCommit, 0.99),
                        RefusalTrials.p50(fromRecord),
                        RefusalTrials.at(fromRecord, 0.99)),
                "",
                "| MiB | heap after a collection | own memory | pages of files | most so far |",
                "|---|---|---|---|---|"));
        result.addAll(memory);
        return result;
    }

    private static String account(int i) {
        return String.format(Locale.ROOT, "user%07d@my-domain.net", i);
    }

    private static double seconds(long from) {
        return (System.nanoTime() - from) / 1e9;
    }

    private Path map() {
        return dir.resolve("policy/blocked.lmdb");
    }

    @Override
    public void close() throws InterruptedException {
        if (agent != null) {
            agent.close();
        }
    }
}
