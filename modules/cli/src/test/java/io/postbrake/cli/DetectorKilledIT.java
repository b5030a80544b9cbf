package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Detectors as processes of their own are killed between the halves of thieves' mail. Whatever brokers would wait for by
 * themselves takes minutes here, so that it shows that nobody waits for it.
 */
@Timeout(900)
class DetectorKilledIT {

    private static final int PARTITIONS = 2;
    private static final String MINUTES = "280000";
    private static final String SECONDS = "consumer.session.timeout.ms: 3000\n  consumer.heartbeat.interval.ms: 500";
    /** The start of a virtual machine on a busy one, and no session and transaction. */
    private static final Duration BOUND = Duration.ofSeconds(120);
    /** On a quiet machine, beyond the start: what the soak asks for. */
    private static final Duration BEYOND_START = Duration.ofMillis(2500);

    @TempDir
    private Path dir;

    private ThievesOnBrokers brokers;
    private final List<Instance> instances = new ArrayList<>();
    private int wave;

    @BeforeEach
    void cluster() throws Exception {
        brokers = new ThievesOnBrokers(dir, PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        for (Instance instance : instances) {
            instance.process.close();
        }
        brokers.close();
    }

    @Test
    void oneThatIsStartedAgainAtOnceGoesOnAndCountsEveryMessageOnce() throws Exception {
        assertThat(killed(2)).allMatch(took -> took.toBlocks() < BOUND.toMillis());
    }

    @Test
    @Tag("soak")
    void blocksAgainTenTimes() throws Exception {
        assertThat(killed(10)).allMatch(took -> took.toBlocks() - took.toRunning() < BEYOND_START.toMillis());
    }

    @Test
    void oneThatStaysDeadIsReplacedByAWarmCopy() throws Exception {
        // Given
        String warm = "standby.replicas: 1\ninstance.id: %s\n";
        Instance one = started("one", warm, SECONDS);
        Instance two = started("two", warm, SECONDS);
        awaits("both run", () -> one.ready() && two.ready());
        List<String> thieves = thieves();
        brokers.half(thieves);
        TimeUnit.MILLISECONDS.sleep(15); // Somewhere in a transaction.
        // When
        one.process.kill();
        long killed = System.nanoTime();
        brokers.half(thieves);
        // Then
        awaits("the other one blocks them", () -> brokers.blocked(thieves));
        long took = millisSince(killed);
        System.out.printf("kill -9 of one of two detectors to the last block by the other: %d ms%n", took);
        awaits("all is told", brokers::allTold);
        assertThat(brokers.wrong()).isEmpty();
        assertThat(took).isLessThan(BOUND.toMillis());
    }

    @Test
    void aSecondOneOfTheSameNameIsToldAndEnds() throws Exception {
        // Given
        Instance first = started("first", "instance.id: mx1\n", SECONDS);
        awaits("it runs", first::ready);
        // When
        Instance second = started("second", "instance.id: mx1\n", SECONDS);
        // Then
        assertThat(second.process.exit(120)).isNotZero();
        assertThat(second.process.said()).contains("instance.id is 'mx1', which another detector");
        List<String> thieves = thieves();
        brokers.half(thieves);
        brokers.half(thieves);
        awaits("the first one goes on", () -> brokers.blocked(thieves));
        assertThat(first.process.isAlive()).isTrue();
        awaits("all is told", brokers::allTold);
        assertThat(brokers.wrong()).isEmpty();
    }

    /** Milliseconds from a kill until the next process runs, and until the last block. */
    private record Took(long toRunning, long toBlocks) {}

    private List<Took> killed(int times) throws Exception {
        Instance detector = started("detector", "", "consumer.session.timeout.ms: " + MINUTES);
        awaits("the detector runs", detector::ready);
        List<Took> took = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            // Given
            List<String> thieves = thieves();
            brokers.half(thieves);
            TimeUnit.MILLISECONDS.sleep(15); // Somewhere in a transaction.
            // When
            detector.process.kill();
            long killed = System.nanoTime();
            brokers.half(thieves);
            detector.start();
            // Then
            awaits("it runs again", detector::ready);
            long running = millisSince(killed);
            awaits("the thieves are blocked all the same", () -> brokers.blocked(thieves));
            took.add(new Took(running, millisSince(killed)));
        }
        awaits("all is told", brokers::allTold);
        assertThat(brokers.wrong()).isEmpty();
        System.out.printf("kill -9 of the detector, started again at once, milliseconds: %s%n", took);
        return took;
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private List<String> thieves() {
        int number = wave++;
        return IntStream.range(0, 4)
                .mapToObj(i -> "thief" + number + "-" + i + "@my-domain.net")
                .toList();
    }

    /** Starts one whose transactions time out in minutes; {@code client} are further settings of Kafka's clients. */
    private Instance started(String name, String lines, String client) throws Exception {
        String kafka = "producer.transaction.timeout.ms: " + MINUTES + "\n  " + client;
        var instance = new Instance(name, lines.formatted(name), kafka);
        instances.add(instance);
        instance.start();
        return instance;
    }

    private void awaits(String what, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s; they said %s", what, said()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private List<String> said() {
        return instances.stream().map(instance -> instance.process.said()).toList();
    }

    private final class Instance {
        private final Path log;
        private final int port;
        private final Path config;
        private CommandProcess process;

        Instance(String name, String lines, String kafka) throws IOException {
            port = FreePort.next();
            log = dir.resolve(name + ".log");
            config = brokers.config(name, port, lines, kafka);
        }

        void start() throws IOException {
            process = CommandProcess.start(log, "detector", "--config", config.toString());
        }

        boolean ready() {
            assertThat(process.isAlive()).as(process.said()).isTrue();
            return CommandProcess.get(port, "/health/ready").status() == 200;
        }
    }
}
