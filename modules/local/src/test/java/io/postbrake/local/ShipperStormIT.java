package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.testkit.Report;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent's process is killed again and again while a log is written, rotated and compressed and files of its state are cut:
 * every line arrives, and the detector takes each of them once.
 */
class ShipperStormIT {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int FILES = 400;

    @TempDir
    private Path dir;

    private final Random random = new Random(20_261_125);
    /** So far the writer may go: each shipper that is started has something to ship. */
    private final AtomicInteger allowed = new AtomicInteger();

    private final Map<String, Integer> cut = new TreeMap<>();

    @Test
    @Timeout(600)
    void fiveKills() throws Exception {
        System.out.println(storm(5, 20_000, 2500));
    }

    @Test
    @Tag("soak")
    @Timeout(3000)
    void fiftyKillsInAMillionLines() throws Exception {
        String seen = storm(50, 1_000_000, 20_000);

        assertThat(cut).containsOnlyKeys(".checkpoint", "connect.offsets");
        Report.write(
                "shipper-storm.md",
                "A shipper that is killed again and again",
                List.of(
                        "A writer appends numbered lines to a log that is rotated by rename and compressed. The agent, a process"
                                + " of its own, is killed (SIGKILL) at random moments and started again; after two"
                                + " kills of five a checkpoint or Connect's file of offsets is cut at a random byte, as a"
                                + " crash of the machine may leave it. Then every line must be in the topic at least once,"
                                + " and the detector must have taken each exactly once (`ShipperStormIT`).",
                        "",
                        seen));
    }

    /** What was seen, as a sentence. */
    private String storm(int kills, int lines, int linesPerFile) throws Exception {
        long began = System.nanoTime();
        try (Cluster cluster = Cluster.start(dir);
                Detector detector = Detector.start(cluster.detector())) {
            Path state = dir.resolve("agent");
            Path yaml = configured(cluster, state);
            var writer = new Thread(() -> writes(lines, linesPerFile), "writer");
            writer.start();
            for (int i = 0; i < kills; i++) {
                long before = end(cluster);
                allowed.set((int) ((i + 1L) * lines / (kills + 1)));
                Process agent = started(yaml);
                try {
                    if (random.nextInt(4) > 0) {
                        awaits("the agent ships", () -> end(cluster) > before);
                    }
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(1500));
                } finally {
                    agent.destroyForcibly().waitFor();
                }
                damages(state, i);
            }
            allowed.set(lines);
            writer.join();
            Process agent = started(yaml);
            int[] arrived;
            int[] taken;
            try {
                arrived = counted(cluster, Topics.MAIL_EVENTS, lines, ShipperStormIT::number);
                taken = counted(cluster, Topics.MAIL_SUBMISSIONS, lines, ShipperStormIT::submitted);
                assertThat(detector.ready()).isTrue();
            } finally {
                agent.destroyForcibly().waitFor();
            }

            assertThat(missing(arrived)).as("lines that never arrived").isEmpty();
            assertThat(missing(taken)).as("lines that the detector never took").isEmpty();
            assertThat(Arrays.stream(taken).filter(n -> n > 1).count())
                    .as("lines that the detector took twice")
                    .isZero();
            long records = Arrays.stream(arrived).asLongStream().sum();
            return String.format(
                    Locale.ROOT,
                    "%,d kills, %,d lines in %,d files, state cut %s: %,d records arrived (%,d repeated), the detector"
                            + " took each line once; %.0f s.",
                    kills,
                    lines,
                    lines / linesPerFile,
                    cut,
                    records,
                    records - lines,
                    (System.nanoTime() - began) / 1e9);
        }
    }

    private Path configured(Cluster cluster, Path state) throws IOException {
        Files.createDirectories(dir.resolve("log"));
        return Files.writeString(
                dir.resolve("agent.yaml"), """
                host.id: mx1
                kafka: {bootstrap.servers: "%s", offset.flush.interval.ms: 200}
                registry: {url: "%s"}
                state.dir: %s
                source: {log.paths: ["%s"], checkpoint.interval.ms: 100, rescan.interval.ms: 500, recipients.kept: full}
                http.port: -1
                """.formatted(cluster.bootstrap(), cluster.gate.url(), state, log()));
    }

    private Process started(Path yaml) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.postbrake.agent.Agent",
                        "--config",
                        yaml.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        dir.resolve("agent.out").toFile()))
                .start();
    }

    /** What a crash of the machine may leave: a checkpoint or Connect's offsets cut short. */
    private void damages(Path state, int kill) throws IOException {
        String victim = kill % 5 == 1 ? ".checkpoint" : kill % 5 == 3 ? "connect.offsets" : null;
        if (victim == null || !Files.exists(state)) {
            return;
        }
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.filter(f -> f.toString().endsWith(victim)).toList()) {
                byte[] whole = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length)));
                cut.merge(victim, 1, Integer::sum);
            }
        }
    }

    private Path log() {
        return dir.resolve("log/mail.log");
    }

    private void writes(int lines, int linesPerFile) {
        try {
            for (int i = 0; i < lines; ) {
                try (BufferedWriter out = Files.newBufferedWriter(
                        log(), StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                    for (int end = Math.min(lines, i + linesPerFile); i < end; ) {
                        out.write(line(i));
                        if (++i % 100 == 0) {
                            out.flush();
                            do {
                                TimeUnit.MILLISECONDS.sleep(5);
                            } while (i >= allowed.get() && i < lines);
                        }
                    }
                }
                if (i < lines) {
                    rotates();
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As logrotate does, with delaycompress. */
    private void rotates() throws IOException {
        for (int i = FILES; i >= 1; i--) {
            for (String packed : new String[] {"", ".gz"}) {
                Path from = dir.resolve("log/mail.log." + i + packed);
                if (Files.exists(from)) {
                    Files.move(from, dir.resolve("log/mail.log." + (i + 1) + packed));
                }
            }
        }
        Files.move(log(), dir.resolve("log/mail.log.1"));
        Path second = dir.resolve("log/mail.log.2");
        if (Files.exists(second)) {
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dir.resolve("log/mail.log.2.gz")))) {
                Files.copy(second, out);
            }
            Files.delete(second);
        }
    }

    private static String line(int i) {
        return Instant.now() + " mx postfix/smtpd[" + (2000 + i % 50) + "]: NOQUEUE: reject: RCPT from unknown[192.0.2."
                + i % 250 + "]: 554 5.7.1 <n" + i + "@example.com>: Relay access denied; from=<a@example.org> to=<n" + i
                + "@example.com> proto=ESMTP helo=<client.example.org>\n";
    }

    private static void number(MailEvent event, int[] counts) {
        count(event.getTo(), counts);
    }

    private static void submitted(Submission submission, int[] counts) {
        count(submission.getTo(), counts);
    }

    private static void count(String to, int[] counts) {
        counts[Integer.parseInt(to.substring(1, to.indexOf('@')))]++;
    }

    private interface Counter<V> {
        void count(V value, int[] counts);
    }

    /** Reads a topic until each number was there and nothing more comes. */
    private static <V extends SpecificRecord> int[] counted(
            Cluster cluster, Topic<V> topic, int lines, Counter<V> counter) {
        var partition = new TopicPartition(topic.name(), 0);
        Map<String, Object> settings =
                Map.of("bootstrap.servers", cluster.bootstrap(), "isolation.level", "read_committed");
        int[] counts = new int[lines];
        try (var consumer = new KafkaConsumer<>(
                settings,
                new StringDeserializer(),
                WireSerde.of(cluster.registry(), topic.type()).deserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long quietSince = System.nanoTime();
            long end = System.nanoTime() + PATIENCE.toNanos();
            boolean all = false;
            while (System.nanoTime() < end) {
                var records = consumer.poll(Duration.ofMillis(200));
                records.forEach(r -> counter.count(r.value(), counts));
                if (!records.isEmpty()) {
                    quietSince = System.nanoTime();
                    end = Math.max(end, quietSince + PATIENCE.toNanos());
                }
                all = all || Arrays.stream(counts).allMatch(n -> n > 0);
                if (all && System.nanoTime() - quietSince > TimeUnit.SECONDS.toNanos(2)) {
                    break;
                }
            }
        }
        return counts;
    }

    private static long end(Cluster cluster) {
        var partition = new TopicPartition(Topics.MAIL_EVENTS.name(), 0);
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrap()),
                new StringDeserializer(),
                new StringDeserializer())) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private static List<Integer> missing(int[] counts) {
        List<Integer> result = new ArrayList<>();
        for (int i = 0; i < counts.length && result.size() < 20; i++) {
            if (counts[i] == 0) {
                result.add(i);
            }
        }
        return result;
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void awaits(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
