package io.postbrake.alertmanagersink;

import io.postbrake.compactedtopic.TopicEnds;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How things stood when this sink began to read.
 *
 * @param ends where the topic ended
 * @param told up to where everything was told before
 */
record Past(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> told) {

    /** Whoever knows the past. */
    interface Source {
        /** As {@link Past#of}. */
        Past of(AlertmanagerSinkConfig config, Collection<TopicPartition> partitions);
    }

    static Past of(AlertmanagerSinkConfig config, Collection<TopicPartition> partitions) {
        Map<String, Object> settings = new HashMap<>(config.client());
        settings.put("group.id", config.group());
        settings.put("enable.auto.commit", false);
        Map<TopicPartition, Long> told = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.committed(Set.copyOf(partitions)).forEach((partition, offset) -> {
                if (offset != null) {
                    told.put(partition, offset.offset());
                }
            });
        }
        return new Past(TopicEnds.of(config.client(), partitions), told);
    }
}
