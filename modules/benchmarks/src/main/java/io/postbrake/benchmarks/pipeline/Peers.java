package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.Fail2ban;
import io.postbrake.benchmarks.pipeline.Spawned.Usage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What others take for the same lines, on the same machine in the same run. */
final class Peers {
    private static final Pattern BROKER = Pattern.compile("(?m)^broker (\\S+)");
    private static final Path RSYSLOG = Path.of("/usr/sbin/rsyslogd");
    private static final Path OMKAFKA = Path.of("/usr/lib/x86_64-linux-gnu/rsyslog/omkafka.so");
    private static final String RAW = "raw-lines";

    private final Path dir;
    private final byte[] warm;
    private final byte[] lines;
    private final int count;

    /** A folder of their own, lines to get warm with, and those that are measured. */
    Peers(Path dir, byte[] warm, byte[] lines, int count) throws IOException {
        this.dir = Files.createDirectories(dir);
        this.warm = warm;
        this.lines = lines;
        this.count = count;
    }

    /**
     * What one of them took.
     *
     * @param cpuAMillion processor seconds for a million lines, of all its processes
     * @param linesASecond until the last line was through
     */
    record Taken(double cpuAMillion, double linesASecond) {}

    /**
     * Kafka's producer (`acks=all`, lz4, 5 ms of lingering) and the bare topology behind it, with a broker in a process of its own.
     * The first counts the producer alone, its wall clock; the second topology and broker, the producer's part included.
     */
    Taken[] kafka() throws IOException, InterruptedException {
        try (Spawned broker = Spawned.java("bare-broker", dir, BrokerProcess.class.getName(), dir.toString())) {
            until("the broker", () -> broker.heard(BROKER) != null);
            String brokers = Optional.ofNullable(broker.heard(BROKER)).orElseThrow();
            topics(brokers, BareTopology.IN, BareTopology.OUT, RAW);
            // Alone first: the topology would take the processor from it.
            produced(brokers, RAW, warm);
            double pace = Math.max(produced(brokers, RAW, lines), produced(brokers, RAW, lines));
            try (Spawned bare = Spawned.java(
                    "bare",
                    dir,
                    BareTopology.class.getName(),
                    brokers,
                    dir.resolve("bare-state").toString())) {
                produced(brokers, BareTopology.IN, warm);
                quiet(broker, bare);
                Usage before = broker.usage().and(bare.usage());
                long start = System.nanoTime();
                produced(brokers, BareTopology.IN, lines);
                quiet(broker, bare);
                // Two seconds of calm are no work.
                double seconds = (System.nanoTime() - start) / 1e9 - 2;
                Usage taken = broker.usage().and(bare.usage()).since(before);
                return new Taken[] {new Taken(Double.NaN, pace), new Taken(taken.cpu() / count * 1e6, count / seconds)};
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Debian's fail2ban with its Postfix filter; empty when this machine has none. */
    Optional<Taken> fail2ban() throws IOException, InterruptedException {
        if (Fail2ban.missing()) {
            return Optional.empty();
        }
        Path log = Files.createFile(dir.resolve("fail2ban-mail.log"));
        try (Fail2ban server = Fail2ban.start(dir, log, 5)) {
            Files.write(log, warm, StandardOpenOption.APPEND);
            Waiting.calm("fail2ban", () -> server.cpuMillis() / 1e3);
            long before = server.cpuMillis();
            long start = System.nanoTime();
            Files.write(log, lines, StandardOpenOption.APPEND);
            Waiting.calm("fail2ban", () -> server.cpuMillis() / 1e3);
            double seconds = (System.nanoTime() - start) / 1e9 - 2;
            return Optional.of(new Taken((server.cpuMillis() - before) / 1e3 / count * 1e6, count / seconds));
        }
    }

    /** rsyslog that follows the file and gives its lines to a topic by omkafka; empty when this machine has none. */
    Optional<Taken> rsyslog() throws IOException, InterruptedException {
        if (!Files.exists(RSYSLOG) || !Files.exists(OMKAFKA)) {
            return Optional.empty();
        }
        Path home = Files.createDirectories(dir.resolve("rsyslog"));
        Path log = Files.createFile(home.resolve("mail.log"));
        try (Spawned broker = Spawned.java("rsyslog-broker", home, BrokerProcess.class.getName(), home.toString())) {
            until("the broker", () -> broker.heard(BROKER) != null);
            String brokers = Optional.ofNullable(broker.heard(BROKER)).orElseThrow();
            topics(brokers, RAW);
            Path config = Files.writeString(home.resolve("rsyslog.conf"), """
                    global(workDirectory="%1$s")
                    module(load="imfile")
                    module(load="omkafka")
                    template(name="line" type="string" string="%%msg%%")
                    input(type="imfile" file="%2$s" tag="mail" freshStartTail="off" ruleset="out")
                    ruleset(name="out" queue.type="LinkedList" queue.size="100000") {
                      action(type="omkafka" broker=["%3$s"] topic="%4$s" template="line" confParam=["acks=all", "compression.codec=lz4"])
                    }
                    """.formatted(home, log, brokers, RAW));
            try (Spawned rsyslog = Spawned.start(
                    "rsyslog",
                    home,
                    List.of(
                            RSYSLOG.toString(),
                            "-n",
                            "-f",
                            config.toString(),
                            "-i",
                            home.resolve("pid").toString()))) {
                int first = newlines(warm);
                Files.write(log, warm, StandardOpenOption.APPEND);
                until("rsyslog's first lines", () -> end(brokers) >= first);
                quiet(broker, rsyslog);
                Usage before = broker.usage().and(rsyslog.usage());
                long start = System.nanoTime();
                Files.write(log, lines, StandardOpenOption.APPEND);
                until("rsyslog's lines", () -> end(brokers) >= first + count);
                double seconds = (System.nanoTime() - start) / 1e9;
                quiet(broker, rsyslog);
                Usage taken = broker.usage().and(rsyslog.usage()).since(before);
                return Optional.of(new Taken(taken.cpu() / count * 1e6, count / seconds));
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static int newlines(byte[] of) {
        int n = 0;
        for (byte b : of) {
            n += b == '\n' ? 1 : 0;
        }
        return n;
    }

    private static void topics(String brokers, String... names) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            admin.createTopics(Arrays.stream(names)
                            .map(name -> new NewTopic(name, name.equals(RAW) ? 1 : 4, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    private static long end(String brokers) throws IOException {
        var partition = new TopicPartition(RAW, 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    /** Lines a second until all are acknowledged. */
    private static double produced(String brokers, String topic, byte[] all) throws IOException {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", brokers, "acks", "all", "compression.type", "lz4", "linger.ms", "5");
        int n = 0;
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
                var reader = new BufferedReader(
                        new InputStreamReader(new ByteArrayInputStream(all), StandardCharsets.UTF_8))) {
            producer.partitionsFor(topic);
            long start = System.nanoTime();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                var unused = producer.send(new ProducerRecord<>(topic, null, line.getBytes(StandardCharsets.UTF_8)));
                n++;
            }
            producer.flush();
            return n / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static void quiet(Spawned one, Spawned other) throws IOException, InterruptedException {
        Waiting.calm(
                one.name() + " with " + other.name(),
                () -> one.usage().cpu() + other.usage().cpu());
    }

    private static void until(String what, Waiting.Condition condition) throws IOException, InterruptedException {
        Waiting.until(what, 20, condition);
    }
}
