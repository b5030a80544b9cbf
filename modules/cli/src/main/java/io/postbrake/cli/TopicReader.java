package io.postbrake.cli;

import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
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
