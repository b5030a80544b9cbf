package io.postbrake.cli;

import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Collects the committed records of a topic from its beginning; tombstones are left out. */
final class TopicFollower<V extends SpecificRecord> implements AutoCloseable {

    private final KafkaConsumer<String, V> consumer;
    private final List<V> seen = new ArrayList<>();

    TopicFollower(Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        consumer = new KafkaConsumer<>(
                config,
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(p -> new TopicPartition(topic.name(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads on and returns all that was seen so far. */
    List<V> poll() {
        consumer.poll(Duration.ofMillis(20)).forEach(record -> {
            if (record.value() != null) {
                seen.add(record.value());
            }
        });
        return seen;
    }

    List<V> all() {
        return seen;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
