package io.postbrake.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The newest committed records of a topic, as bytes. */
final class TopicTail {

    private static final long FIRST_STEP = 200;

    private final Map<String, Object> kafka;

    TopicTail(Map<String, Object> kafka) {
        this.kafka = new HashMap<>(kafka);
        this.kafka.put("isolation.level", "read_committed");
        this.kafka.put("enable.auto.commit", false);
    }

    /** The newest {@code most} records of all partitions, oldest first; with a key only those that have it. */
    List<ConsumerRecord<byte[], byte[]>> newest(String topic, int most, byte[] keyOrNull) {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.partitionsFor(topic).forEach(info -> {
                var partition = new TopicPartition(topic, info.partition());
                all.addAll(backwards(consumer, partition, most, keyOrNull));
            });
        }
        all.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
        return all.subList(Math.max(0, all.size() - most), all.size());
    }

    /** In steps, as not every offset has a record. */
    private static List<ConsumerRecord<byte[], byte[]>> backwards(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, int most, byte[] keyOrNull) {
        consumer.assign(List.of(partition));
        long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
        long from = consumer.endOffsets(List.of(partition)).get(partition);
        long step = Math.max(FIRST_STEP, most);
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        while (from > begin && found.size() < most) {
            long to = from;
            from = Math.max(begin, from - step);
            step *= 2;
            List<ConsumerRecord<byte[], byte[]>> older = new ArrayList<>();
            consumer.seek(partition, from);
            TopicEnd.read(consumer, Map.of(partition, to), TopicEnd.PATIENCE, record -> {
                if (record.offset() < to && (keyOrNull == null || Arrays.equals(record.key(), keyOrNull))) {
                    older.add(record);
                }
            });
            found.addAll(0, older);
        }
        return found;
    }
}
