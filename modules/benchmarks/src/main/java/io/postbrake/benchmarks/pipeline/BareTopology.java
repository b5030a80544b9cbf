package io.postbrake.benchmarks.pipeline;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/**
 * The least that two hops of Kafka Streams cost: lines as bytes, given a key of one of two thousand, exchanged, counted in a
 * store, and written again; exactly once, and nothing is parsed or judged. A process of its own.
 */
final class BareTopology {
    static final String IN = "bare-lines";
    static final String OUT = "bare-counts";
    private static final int KEYS = 2_000;

    private BareTopology() {}

    /** Brokers, and the folder of its state. */
    public static void main(String[] args) throws InterruptedException {
        var builder = new StreamsBuilder();
        builder.stream(IN, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .groupBy(
                        (key, line) -> java.util.Arrays.hashCode(line) % KEYS,
                        Grouped.with(Serdes.Integer(), Serdes.ByteArray()))
                .count(Materialized.<Integer, Long>as(Stores.inMemoryKeyValueStore("counts"))
                        .withKeySerde(Serdes.Integer())
                        .withValueSerde(Serdes.Long())
                        .withCachingDisabled())
                .toStream()
                .to(OUT, Produced.with(Serdes.Integer(), Serdes.Long()));
        var settings = new Properties();
        settings.putAll(Map.of(
                "application.id", "bare",
                "bootstrap.servers", args[0],
                "state.dir", Path.of(args[1]).toString(),
                "processing.guarantee", "exactly_once_v2",
                "commit.interval.ms", "100",
                "num.stream.threads", "1"));
        try (var streams = new KafkaStreams(builder.build(), settings)) {
            streams.start();
            Thread.currentThread().join();
        }
    }
}
