package io.postbrake.cli;

import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.WireSerde;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
        try (KafkaConsumer<String, V> consumer = fromBeginning(kafka, registry, topic)) {
            Set<TopicPartition> partitions = consumer.assignment();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<String, V> result = new TreeMap<>();
            while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                for (ConsumerRecord<String, V> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() == null) {
                        result.remove(record.key());
                    } else {
                        result.put(record.key(), record.value());
                    }
                }
            }
            return result;
        }
    }

    /** The newest committed record of one key; null when there is none or it was removed. */
    static <V extends SpecificRecord> V newest(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key) {
        V newest = null;
        for (ConsumerRecord<String, V> record : records(kafka, registry, topic, key, Instant.EPOCH)) {
            newest = record.value();
        }
        return newest;
    }

    /** The committed records of one key from {@code since} on, in order. */
    static <V extends SpecificRecord> List<V> ofKey(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key, Instant since) {
        return records(kafka, registry, topic, key, since).stream()
                .map(ConsumerRecord::value)
                .filter(value -> value != null)
                .toList();
    }

    /** All writers use Kafka's own partitioner, so that one partition is enough, and records of other keys stay bytes. */
    private static <V extends SpecificRecord> List<ConsumerRecord<String, V>> records(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic, String key, Instant since) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        var values = WireSerde.of(registry, topic.type()).deserializer();
        List<ConsumerRecord<String, V>> result = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            int partitions = consumer.partitionsFor(topic.name()).size();
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            var partition = new TopicPartition(topic.name(), BuiltInPartitioner.partitionForKey(bytes, partitions));
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            var start = consumer.offsetsForTimes(Map.of(partition, Math.max(0, since.toEpochMilli())))
                    .get(partition);
            consumer.seek(partition, start == null ? end : start.offset());
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (key.equals(record.key())) {
                        result.add(new ConsumerRecord<>(
                                record.topic(),
                                record.partition(),
                                record.offset(),
                                record.key(),
                                values.deserialize(record.topic(), record.value())));
                    }
                }
            }
        }
        return result;
    }

    /** A consumer of committed records, at the beginning of all partitions; the caller closes it. */
    static <V extends SpecificRecord> KafkaConsumer<String, V> fromBeginning(
            Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        var consumer = new KafkaConsumer<>(
                config,
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(p -> new TopicPartition(topic.name(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }
}
