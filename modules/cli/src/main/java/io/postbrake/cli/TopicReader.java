package io.postbrake.cli;

import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads what stands in a compacted topic now. */
final class TopicReader {

    private TopicReader() {}

    /** The newest committed record of each key, tombstoned keys left out, in order of the keys. */
    static <V extends SpecificRecord> Map<String, V> newest(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic) {
        try (var consumer = fromBeginning(kafka, topic);
                var readable = new ReadableRecords<>(registry, topic)) {
            Map<String, V> result = new TreeMap<>();
            TopicEnd.read(
                    consumer,
                    consumer.endOffsets(consumer.assignment()),
                    TopicEnd.PATIENCE,
                    record -> readable.take(record, (key, value) -> {
                        if (value == null) {
                            result.remove(key);
                        } else {
                            result.put(key, value);
                        }
                    }));
            return result;
        }
    }

    /** The newest committed record of one key; null when there is none or it was removed. */
    static <V extends SpecificRecord> V newest(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key) {
        List<V> all = records(kafka, registry, topic, key, Instant.EPOCH);
        return all.isEmpty() ? null : all.get(all.size() - 1);
    }

    /** The committed records of one key from {@code since} on, in order. */
    static <V extends SpecificRecord> List<V> ofKey(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key, Instant since) {
        return records(kafka, registry, topic, key, since).stream()
                .filter(value -> value != null)
                .toList();
    }

    /** All writers use Kafka's own partitioner, so that one partition is enough, and records of other keys stay bytes. */
    private static <V extends SpecificRecord> List<V> records(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key, Instant since) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        List<V> result = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
                var readable = new ReadableRecords<>(registry, topic)) {
            int partitions = consumer.partitionsFor(topic.name()).size();
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            var partition = new TopicPartition(topic.name(), BuiltInPartitioner.partitionForKey(bytes, partitions));
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            var start = consumer.offsetsForTimes(Map.of(partition, Math.max(0, since.toEpochMilli())))
                    .get(partition);
            consumer.seek(partition, start == null ? end : start.offset());
            TopicEnd.read(consumer, Map.of(partition, end), TopicEnd.PATIENCE, record -> {
                if (key.equals(record.key())) {
                    readable.take(record, (same, value) -> result.add(value));
                }
            });
        }
        return result;
    }

    /** A consumer of committed records, at the beginning of all partitions; the caller closes it. */
    static KafkaConsumer<String, byte[]> fromBeginning(Map<String, Object> kafka, Topic<?> topic) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(p -> new TopicPartition(topic.name(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }
}
