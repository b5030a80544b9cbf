package io.postbrake.compactedtopic;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Where topics end for somebody who sees committed records only. */
public final class TopicEnds {

    private static final long FIRST_WINDOW = 64;

    private TopicEnds() {}

    /** Whoever knows where topics end. */
    public interface Source {
        /** As {@link TopicEnds#of}. */
        Map<TopicPartition, Long> of(Map<String, Object> client, Collection<TopicPartition> partitions);
    }

    /**
     * For each partition the offset behind its last committed record, 0 when it has none. A transactional topic ends in
     * markers that no record shows, so the broker's end offset would never be reached.
     */
    public static Map<TopicPartition, Long> of(Map<String, Object> client, Collection<TopicPartition> partitions) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        Map<TopicPartition, Long> result = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(
                    partitions); // Of a partition that it does not have, the client complains of what it learns.
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            for (TopicPartition partition : partitions) {
                result.put(partition, end(consumer, partition, beginnings.get(partition), ends.get(partition)));
            }
        }
        return result;
    }

    private static long end(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long beginning, long end) {
        consumer.assign(List.of(partition));
        for (long window = FIRST_WINDOW; ; window *= 8) {
            long from = Math.max(beginning, end - window);
            consumer.seek(partition, from);
            long last = 0;
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    last = record.offset() + 1;
                }
            }
            if (last > 0 || from == beginning) {
                return last;
            }
        }
    }
}
