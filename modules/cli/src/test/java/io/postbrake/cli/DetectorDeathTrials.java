package io.postbrake.cli;

import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Kills and stops detectors that run by their launcher, and measures until thieves are blocked.
 *
 * <pre>java -cp TESTCLASSES:LIB/* io.postbrake.cli.DetectorDeathTrials LAUNCHER TRIAL RUNS PARTITIONS OWNERS [YAML LINES]</pre>
 *
 * A trial is {@code restart} (kill -9, started again at once), {@code stop} (SIGTERM, started again at once), {@code takeover}
 * (two instances, one is killed and stays dead) or {@code leave} (two instances, one is told to stop).
 */
final class DetectorDeathTrials {

    private final String launcher;
    private final Path dir;
    private final ThievesOnBrokers brokers;
    private final String further;
    private final List<Long> firstBlocks = new ArrayList<>();
    private final List<Long> lastBlocks = new ArrayList<>();
    private int wave;

    private DetectorDeathTrials(String launcher, Path dir, ThievesOnBrokers brokers, String further) {
        this.launcher = launcher;
        this.dir = dir;
        this.brokers = brokers;
        this.further = further;
    }

    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory(Path.of("/var/tmp"), "detector-death-");
        try (var brokers = new ThievesOnBrokers(dir, Integer.parseInt(args[3]))) {
            var trials =
                    new DetectorDeathTrials(args[0], dir, brokers, args.length > 5 ? args[5].replace("\\n", "\n") : "");
            int runs = Integer.parseInt(args[2]);
            int owners = Integer.parseInt(args[4]);
            switch (args[1]) {
                case "restart", "stop" -> trials.one(args[1].equals("restart"), runs, owners);
                case "takeover", "leave" -> trials.two(args[1].equals("takeover"), runs, owners);
                default -> throw new IllegalArgumentException(args[1]);
            }
            List<String> wrong = brokers.wrong();
            System.out.println(
                    wrong.isEmpty()
                            ? "nothing missing, nothing doubled"
                            : "WRONG: "
                                    + wrong.stream()
                                            .map(w -> w.substring(0, Math.min(1500, w.length())))
                                            .toList());
        } finally {
            try (var files = Files.walk(dir)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
        System.exit(0);
    }

    private void one(boolean killed, int runs, int owners) throws Exception {
        Instance detector = new Instance("one");
        List<Long> starts = new ArrayList<>();
        List<Long> beyond = new ArrayList<>();
        try {
            detector.start();
            seed(owners);
            for (int i = 0; i <= runs; i++) {
                List<String> thieves = thieves();
                brokers.half(thieves);
                TimeUnit.MILLISECONDS.sleep(15); // Somewhere in a transaction.
                long from = System.nanoTime();
                detector.end(killed);
                long dead = millis(from);
                brokers.half(thieves);
                long started = System.nanoTime();
                detector.begin();
                await("ready", detector::ready);
                long start = millis(started);
                long first = awaitBlocks(thieves, from);
                System.out.printf(
                        "dead after %d ms, start to RUNNING %d ms, to the first block %d ms, to the last %d ms%n",
                        dead, start, first, millis(from));
                await("told", brokers::allTold);
                quiet();
                if (i == 0) {
                    forget();
                } else {
                    starts.add(start);
                    beyond.add(first - dead - start);
                }
            }
        } finally {
            detector.end(true);
        }
        say("start to RUNNING", starts);
        say("to the first block, beyond death and start", beyond);
        sayBlocks();
    }

    private void two(boolean killed, int runs, int owners) throws Exception {
        Instance one = new Instance("one");
        Instance two = new Instance("two");
        try {
            one.start();
            two.start();
            seed(owners);
            for (int i = 0; i <= runs; i++) {
                await("both ready", () -> one.ready() && two.ready());
                seed(Integer.getInteger("busy", 0)); // Who takes over has worked for a while, as in a fleet.
                List<String> before = thieves();
                brokers.half(before);
                brokers.half(before);
                await("told", brokers::allTold);
                await("blocked", () -> brokers.blocked(before));
                TimeUnit.MILLISECONDS.sleep(Long.getLong("settle.ms", 5000)); // Copies become warm, partitions settle.
                List<String> thieves = thieves();
                brokers.half(thieves);
                TimeUnit.MILLISECONDS.sleep(15); // Somewhere in a transaction.
                Instance dying = i % 2 == 0 ? one : two;
                long from = System.nanoTime();
                var ending = new Thread(() -> dying.end(killed));
                ending.start();
                brokers.half(thieves);
                long first = awaitBlocks(thieves, from);
                ending.join();
                System.out.printf("to the first block %d ms, to the last of eight %d ms%n", first, millis(from));
                if (i == 0) {
                    forget();
                }
                await("told", brokers::allTold);
                quiet();
                dying.begin();
            }
        } finally {
            one.end(true);
            two.end(true);
        }
        sayBlocks();
    }

    /** Waits for the first and the last of these thieves, notes when, in milliseconds since {@code from}, and returns the first. */
    private long awaitBlocks(List<String> thieves, long from) throws InterruptedException {
        await("first block", () -> brokers.blocked(thieves) || brokers.firstBlocked(thieves));
        long first = millis(from);
        firstBlocks.add(first);
        await("blocks", () -> brokers.blocked(thieves));
        lastBlocks.add(millis(from));
        return first;
    }

    /** Waits until nothing is left to do, so that what comes next is not held up by what was there before. */
    private void quiet() throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
        while (!brokers.idle() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** The first time is not counted: the brokers, which do not die, then run much of their code for the first time, too. */
    private void forget() {
        firstBlocks.clear();
        lastBlocks.clear();
    }

    private void sayBlocks() {
        say("end of the process to the first block", firstBlocks);
        say("end of the process to the last of eight", lastBlocks);
    }

    private void seed(int owners) throws Exception {
        long from = System.nanoTime();
        brokers.owners(owners);
        await("owners are told", brokers::allTold);
        quiet();
        System.out.printf("%d owners after %d ms%n", owners, millis(from));
    }

    private List<String> thieves() {
        int number = wave++;
        return IntStream.range(0, 8)
                .mapToObj(i -> "thief" + number + "-" + i + "@my-domain.net")
                .toList();
    }

    private static void say(String what, List<Long> ms) {
        List<Long> sorted = ms.stream().sorted().toList();
        System.out.printf(
                "%s: median %d ms, worst %d ms, %d runs: %s%n",
                what, sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1), sorted.size(), sorted);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static long millis(long since) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    private final class Instance {
        private final String name;
        private final int port;
        private final Path config;
        private Process process;

        Instance(String name) throws IOException {
            this.name = name;
            port = FreePort.next();
            config = brokers.config(name, port, further.replace("NAME", name), System.getProperty("kafka", ""));
        }

        void start() throws Exception {
            begin();
            await("ready", this::ready);
        }

        void begin() throws IOException {
            process = new ProcessBuilder(launcher, "detector", "--config", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(Path.of(System.getProperty("logs", dir.toString()))
                            .resolve(name + ".log")
                            .toFile()))
                    .start();
        }

        boolean ready() {
            if (!process.isAlive()) {
                throw new IllegalStateException(name + " ended by itself");
            }
            try {
                var connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/health/ready")
                        .toURL()
                        .openConnection();
                return connection.getResponseCode() == 200;
            } catch (IOException e) {
                return false; // Not yet.
            }
        }

        void end(boolean killed) {
            try {
                if (killed) {
                    process.destroyForcibly().waitFor();
                } else {
                    process.destroy();
                    process.waitFor();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
