package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PolicyMap;
import io.postbrake.settings.ClusterAccess;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk of a mail server's {@code up} becomes full while mail goes on, and has room again later. Started again and again, as
 * its unit does, it goes on where it was: no line is lost, none is judged twice. Mounts a small file system, so root alone can.
 */
@Tag("soak")
@Timeout(1200)
class DiskFullIT {

    private static final int MESSAGES = 6000;
    private static final String ACCOUNT = "colleague%d@my-domain.net";
    /** As RestartSec of the unit. */
    private static final Duration AGAIN = Duration.ofSeconds(5);

    @TempDir
    private Path dir;

    private Path small;
    private Path log;
    private Path map;
    private Path config;
    private final AtomicInteger starts = new AtomicInteger();
    private int sent;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(dir.resolve("small"));
        log = Files.createFile(dir.resolve("mail.log"));
        map = dir.resolve("blocked.lmdb");
        assertThat(runs("mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", small.toString()))
                .isZero();
        config = Files.writeString(dir.resolve("postbrake.yaml"), """
                host: mx1
                watch: 0d
                log: %s
                map: %s
                data: %s
                broker.port: 0
                registry.port: 0
                http.port: -1
                console: {port: -1}
                """.formatted(log, map, small.resolve("data")));
    }

    @AfterEach
    void unmount() throws Exception {
        assertThat(runs("umount", small.toString())).isZero();
    }

    @Test
    void goesOnWhereItWasOnceThereIsRoom() throws Exception {
        // Given
        var unit = new Unit();
        try {
            unit.start();
            Operator.awaits("all is up", Duration.ofMinutes(3), () -> unit.client() != null && Files.exists(map));
            sends(MESSAGES / 3);
            Operator.awaits(
                    "a third is judged",
                    Duration.ofMinutes(3),
                    () -> judged(unit).size() == MESSAGES / 3);
            // When
            int startsBefore = starts.get();
            Path filler = small.resolve("filler");
            fills(filler);
            sends(MESSAGES / 3);
            Operator.awaits("the full disk ended it", Duration.ofMinutes(3), () -> starts.get() > startsBefore + 1);
            sends(MESSAGES / 3);
            Instant room = Instant.now();
            Files.delete(filler);
            // Then
            Operator.awaits(
                    "all are judged", Duration.ofMinutes(8), () -> judged(unit).size() == MESSAGES);
            Duration until = Duration.between(room, Instant.now());
            Map<String, Integer> judged = judged(unit);
            long twice = judged.values().stream().filter(n -> n > 1).count();
            assertThat(twice).as("messages that were judged twice").isZero();
            Thief.steals(log, 60);
            Operator.awaits(
                    "a thief is stopped",
                    Duration.ofMinutes(2),
                    () -> PolicyMap.read(map, Thief.ACCOUNT).isPresent());
            Report.write(
                    "disk-full.md",
                    "A full disk",
                    List.of(
                            "`up` keeps its data on 300 MiB, mail goes on, and a file takes the rest of the room; later that file"
                                    + " is deleted. `up` is started again 5 s after each end, as its unit does"
                                    + " (`DiskFullIT`).",
                            "",
                            String.format(
                                    Locale.ROOT,
                                    "%,d messages, a third of them before, while and after the disk was full: %,d judged, %d"
                                            + " lost, %d judged twice. It was started %d times; the last message was judged"
                                            + " %d s after there was room.",
                                    MESSAGES,
                                    judged.size(),
                                    MESSAGES - judged.size(),
                                    twice,
                                    starts.get(),
                                    until.toSeconds())));
        } finally {
            unit.close();
        }
    }

    /** Starts the process again whenever it has ended. */
    private final class Unit extends Thread {
        private volatile boolean over;
        private volatile JavaProcess process;

        /** How to reach the brokers of the process that runs; null while none is up. */
        Path client() {
            Path up = dir.resolve("up-" + starts.get());
            return Files.exists(up) ? ClusterAccess.clientFile(small.resolve("data")) : null;
        }

        @Override
        public void run() {
            try {
                while (!over) {
                    int start = starts.incrementAndGet();
                    process = JavaProcess.start(
                            dir.resolve("out"),
                            List.of("-Xmx512m", "-XX:+ExitOnOutOfMemoryError"),
                            JavaProcess.Everything.class,
                            config.toString(),
                            dir.resolve("up-" + start).toString());
                    while (process.isAlive() && !over) {
                        TimeUnit.MILLISECONDS.sleep(50);
                    }
                    if (!over) {
                        TimeUnit.MILLISECONDS.sleep(AGAIN.toMillis());
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void close() throws InterruptedException {
            over = true;
            join();
            process.close();
        }
    }

    /** How often each message was judged to be accepted, by its queue id; empty while nobody can be asked. */
    private static Map<String, Integer> judged(Unit unit) {
        Map<String, Integer> times = new TreeMap<>();
        var partition = new TopicPartition(Topics.MAIL_SUBMISSIONS.name(), 0);
        try {
            Path client = unit.client();
            if (client == null) {
                return times;
            }
            ClusterAccess access = ClusterAccess.read(client);
            Map<String, Object> settings = new HashMap<>(access.kafka());
            settings.put("isolation.level", "read_committed");
            settings.put("default.api.timeout.ms", "5000");
            try (var registry = ConfluentSchemaRegistry.connect(access.registryUrl(), access.registry());
                    var consumer = new KafkaConsumer<>(
                            settings,
                            new StringDeserializer(),
                            WireSerde.of(registry, Topics.MAIL_SUBMISSIONS.type())
                                    .deserializer())) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = consumer.endOffsets(List.of(partition)).get(partition);
                while (consumer.position(partition) < end) {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                        if (record.value().getPhase().equals("ACCEPTED")) {
                            times.merge(record.value().getQueueId(), 1, Integer::sum);
                        }
                    });
                }
            }
            return times;
        } catch (Exception e) {
            return Map.of(); // It ended meanwhile.
        }
    }

    private void sends(int messages) throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < messages; i++, sent++) {
            String head = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " mx1 postfix/";
            String id = String.format(Locale.ROOT, "D%06X", sent);
            lines.append(head)
                    .append("submission/smtpd[12]: ")
                    .append(id)
                    .append(": client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=")
                    .append(String.format(Locale.ROOT, ACCOUNT, sent % 1000))
                    .append('\n');
            lines.append(head)
                    .append("qmgr[13]: ")
                    .append(id)
                    .append(": from=<a@my-domain.net>, size=18836, nrcpt=1 (queue active)\n");
        }
        Files.writeString(log, lines, StandardOpenOption.APPEND);
    }

    /** Takes all the room that is left, and what is freed meanwhile. */
    private static void fills(Path filler) throws IOException {
        byte[] block = new byte[1 << 16];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            byte[] few = new byte[512];
            try (var out = Files.newOutputStream(filler, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(few);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
        }
    }

    private static int runs(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
