package io.postbrake.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.testkit.Report;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the deciding log line to the decision, beside fail2ban on the same lines: quietly, and with a backlog before it.
 * Both count five failures of an address in ten minutes. The one runs after the other, so that neither takes the
 * other's processor.
 */
@Tag("soak")
@Timeout(900)
class LogToBanIT {

    private static final int FAILURES = 5;
    private static final int TRIALS = 30;
    private static final int BACKLOG_MESSAGES = 25_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path dir;

    private interface Subject {
        /** When the address was blocked, in nanoseconds of the epoch; 0 if it was not yet. */
        long blockedAt(String ip) throws Exception;
    }

    /** A machine that is busy with other things must keep up with a busy fleet all the same. */
    private static final int LEAST_LINES_A_SECOND = 2_000;

    private record Figures(long p50, long p90, long worst, long first, long second) {
        String row(String name) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %.1f | %.1f |",
                    name,
                    p50,
                    p90,
                    worst,
                    first / 1000.0,
                    second / 1000.0);
        }

        long linesASecond() {
            return BACKLOG_MESSAGES * 8 * 1000L / second;
        }
    }

    @BeforeEach
    void bothAreHere() {
        Assumptions.assumeFalse(Fail2ban.missing(), "fail2ban is not installed");
    }

    @Test
    void theDecisionComesSoonerThanFail2bans() throws Exception {
        Figures theirs;
        Path theirLog = Files.createFile(dir.resolve("theirs.log"));
        try (Fail2ban fail2ban = Fail2ban.start(dir, theirLog, FAILURES)) {
            theirs = measure(theirLog, fail2ban::bannedAt);
        }
        Figures ours;
        Path ourLog = Files.createFile(dir.resolve("ours.log"));
        try (LocalStack stack = stack(ourLog);
                Blocks blocks = new Blocks(stack)) {
            await("the detector runs", stack::ready);
            ours = measure(ourLog, blocks::blockedAt);
        }
        Report.write(
                "log-to-ban.md",
                "From log line to ban",
                List.of(
                        "An address fails to log in five times; measured from the append of the fifth line to the decision"
                                + " (the block record for consumers that read committed; fail2ban's action). " + TRIALS
                                + " trials; then " + BACKLOG_MESSAGES * 8
                                + " lines of ordinary mail written at once, and"
                                + " the attack behind them; the same again, with the program warm. fail2ban passes over"
                                + " lines that do not fail; Postbrake reads, ships and correlates each.",
                        "",
                        "| | p50 ms | p90 ms | worst ms | behind the backlog, s | again, s |",
                        "|---|---|---|---|---|---|",
                        ours.row("Postbrake"),
                        theirs.row("fail2ban"),
                        "",
                        String.format(
                                Locale.ROOT,
                                "Ratio of the medians: %.1f. Whole pipeline behind the second backlog: %,d lines a second,"
                                        + " broker included.",
                                theirs.p50() / (double) ours.p50(),
                                ours.linesASecond())));
        assertThat(ours.p50()).isLessThan(theirs.p50());
        assertThat(ours.linesASecond()).isGreaterThan(LEAST_LINES_A_SECOND);
    }

    private static Figures measure(Path log, Subject subject) throws Exception {
        List<Long> millis = new ArrayList<>();
        // The first trials warm the virtual machine up and are not counted.
        for (int trial = -5; trial < TRIALS; trial++) {
            long took = attack(log, subject, "203.0.113." + (100 + trial), List.of());
            if (trial >= 0) {
                millis.add(took);
            }
            // Not in step with anybody's polling.
            TimeUnit.MILLISECONDS.sleep(200 + 37L * (trial + 5) % 400);
        }
        long first = attack(log, subject, "198.51.100.77", backlog(0));
        long second = attack(log, subject, "198.51.100.78", backlog(1));
        millis.sort(null);
        return new Figures(millis.get(TRIALS / 2), millis.get(TRIALS * 9 / 10), millis.get(TRIALS - 1), first, second);
    }

    private static List<String> backlog(int round) {
        List<String> backlog = new ArrayList<>();
        Instant at = Instant.now().minusSeconds(60);
        for (int i = 0; i < BACKLOG_MESSAGES; i++) {
            long n = (long) round * BACKLOG_MESSAGES + i;
            backlog.addAll(Lines.message(at, n, "user" + i % 5000 + "@example.net", "192.0.2." + i % 250));
        }
        return backlog;
    }

    /** Writes the failures and returns milliseconds from the last one to the ban. */
    private static long attack(Path log, Subject subject, String ip, List<String> before) throws Exception {
        List<String> lines = new ArrayList<>(before);
        for (int i = 0; i < FAILURES; i++) {
            lines.add(Lines.failure(Instant.now(), ip, "name" + i + "@example.net"));
        }
        long written = now();
        Files.write(log, lines, StandardOpenOption.APPEND);
        long end = System.nanoTime() + PATIENCE.toNanos();
        long at = subject.blockedAt(ip);
        while (at == 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError(ip + " was not banned within " + PATIENCE);
            }
            TimeUnit.MILLISECONDS.sleep(1);
            at = subject.blockedAt(ip);
        }
        return TimeUnit.NANOSECONDS.toMillis(at - written);
    }

    private LocalStack stack(Path log) throws Exception {
        Path config =
                Files.writeString(dir.resolve("postbrake.yaml"), """
                host: mx1
                watch: 0d
                log: %s
                data: %s
                broker.port: 0
                registry.port: 0
                http.port: 0
                detection:
                  detectors.guessing-by-address.failures: %d
                """.formatted(log, dir.resolve("data"), FAILURES));
        return LocalStack.start(LocalConfig.read(config), part -> {});
    }

    private static long now() {
        return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Follows the blocks as an enforcer does. */
    private static final class Blocks implements AutoCloseable {

        private final KafkaConsumer<String, Block> consumer;
        private final Map<String, Long> seen = new HashMap<>();

        Blocks(LocalStack stack) throws IOException {
            Map<String, Object> settings = new HashMap<>(stack.access().kafka());
            settings.put("isolation.level", "read_committed");
            settings.put("fetch.max.wait.ms", 50);
            consumer = new KafkaConsumer<>(
                    settings,
                    new StringDeserializer(),
                    WireSerde.of(
                                    ConfluentSchemaRegistry.connect(
                                            stack.access().registryUrl(),
                                            stack.access().registry()),
                                    Block.class)
                            .deserializer());
            var partition = List.of(new TopicPartition(Topics.BLOCKS.name(), 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
        }

        long blockedAt(String ip) {
            consumer.poll(Duration.ofMillis(10)).forEach(r -> {
                if (r.value() != null) {
                    seen.putIfAbsent(r.value().getSubject(), now());
                }
            });
            return seen.getOrDefault(ip, 0L);
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
