package io.postbrake.benchmarks.pipeline;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * How long a theft's lines take until its block is on the topic, where everybody may read it, and until it is in the map, while
 * other lines come at a rate.
 *
 * @param rate lines a second
 * @param decisions milliseconds from the write of a theft's lines to the committed block, in order of size
 * @param maps milliseconds from there to the map, likewise
 * @param behind lines that were not yet written when the time was over: more than a second's means that the machine was full
 */
record Latency(int rate, double[] decisions, double[] maps, long behind) {
    private static final String BLOCKS = "abuse.blocks.v1";
    private static final int TICK_MS = 10;

    /** Writes lines at {@code rate} for {@code seconds}, and a theft every other second. */
    static Latency measure(Installation installation, Traffic traffic, int rate, int seconds)
            throws IOException, InterruptedException {
        var on = new AtomicBoolean(true);
        var ready = new CountDownLatch(1);
        var written = new long[1];
        Map<String, Long> told = new ConcurrentHashMap<>();
        var listener = new Thread(() -> listen(String.valueOf(installation.brokers()), told, on, ready), "blocks");
        byte[][] ticks = new byte[seconds * 1000 / TICK_MS][];
        int perTick = Math.max(1, rate * TICK_MS / 1000);
        // Made before, or the writer would take the processor from who is measured.
        byte[] all = traffic.lines(perTick * ticks.length);
        split(all, perTick, ticks);
        @Nullable IOException[] failure = new IOException[1];
        listener.start();
        if (!ready.await(1, TimeUnit.MINUTES)) {
            on.set(false);
            throw new IllegalStateException("the brokers do not say where the topic of blocks ends");
        }
        long start = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        var writer =
                new Thread(() -> failure[0] = write(installation, ticks, perTick, rate, start, on, written), "writer");
        writer.start();
        List<Double> decisions = new ArrayList<>();
        List<Double> maps = new ArrayList<>();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        try {
            for (long next = start; next < end; next += TimeUnit.SECONDS.toNanos(2)) {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
                String account = traffic.nextAccount();
                long from = System.nanoTime();
                long took = traffic.stolen(account, new byte[0]);
                maps.add(took / 1e6);
                String key = "sasl_user:" + account;
                installation.await("the block on the topic", () -> told.containsKey(key));
                decisions.add((told.getOrDefault(key, from) - from) / 1e6);
            }
            TimeUnit.NANOSECONDS.sleep(Math.max(0, end - System.nanoTime()));
        } finally {
            on.set(false);
            writer.join();
            listener.join();
        }
        if (failure[0] != null) {
            throw failure[0];
        }
        return new Latency(
                rate, sorted(decisions), sorted(maps), Math.max(0, (long) perTick * (ticks.length - 1) - written[0]));
    }

    private static double[] sorted(List<Double> of) {
        return of.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    /** A share of the times, between 0 and 1, is at most this. */
    static double quantile(double[] sorted, double share) {
        return sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1)];
    }

    private static void split(byte[] all, int perTick, byte[][] into) {
        int from = 0;
        for (int i = 0; i < into.length; i++) {
            int at = from;
            for (int line = 0; line < perTick; line++) {
                while (all[at++] != '\n') {
                    // to the end of the line
                }
            }
            into[i] = Arrays.copyOfRange(all, from, at);
            from = at;
        }
    }

    private static @Nullable IOException write(
            Installation to, byte[][] ticks, int perTick, int rate, long start, AtomicBoolean on, long[] written) {
        try {
            for (int i = 0; i < ticks.length && on.get(); i++) {
                long due = start + (long) (i * (perTick * 1e9 / rate));
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                to.append(ticks[i]);
                written[0] += perTick;
            }
            return null;
        } catch (IOException e) {
            return e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static void listen(String brokers, Map<String, Long> told, AtomicBoolean on, CountDownLatch ready) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", brokers, "isolation.level", "read_committed", "fetch.max.wait.ms", "10"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(BLOCKS).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            // Where the end is, is only asked now.
            partitions.forEach(consumer::position);
            ready.countDown();
            while (on.get()) {
                var records = consumer.poll(Duration.ofMillis(50));
                long now = System.nanoTime();
                records.forEach(r -> told.putIfAbsent(r.key(), now));
            }
        }
    }
}
