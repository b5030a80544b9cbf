package io.postbrake.app.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.event.Submission;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * What one account did, read from the submissions topic itself: backwards from its end, in the one partition that has the
 * account, until there is enough or the bounds are reached. Nothing has to be kept for it, and every account has one.
 */
final class Timeline {

    private static final int ENOUGH = 400;
    private static final long FIRST_STEP = 5_000;
    private static final long MOST_SCANNED = 400_000;
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private final Map<String, Object> client;
    private final Deserializer<Submission> values;
    private final Semaphore readers = new Semaphore(2);

    /** Reads with these client settings. */
    Timeline(Map<String, Object> client, SchemaRegistry registry) {
        this.client = new HashMap<>(client);
        this.client.put("isolation.level", "read_committed");
        this.client.put("enable.auto.commit", false);
        this.client.put("max.poll.records", 5_000);
        this.client.put("default.api.timeout.ms", 5_000);
        this.client.keySet().removeAll(List.of("group.id", "group.instance.id", "transactional.id"));
        this.values = WireSerde.of(registry, Submission.class).deserializer();
    }

    /** The newest submissions of an account, oldest first, and how far back they reach. */
    ObjectNode of(String account) throws InterruptedException {
        readers.acquire();
        try (var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return read(consumer, account.getBytes(StandardCharsets.UTF_8));
        } finally {
            readers.release();
        }
    }

    private ObjectNode read(KafkaConsumer<byte[], byte[]> consumer, byte[] key) {
        String topic = Topics.MAIL_SUBMISSIONS.name();
        int partitions = consumer.partitionsFor(topic).size();
        var partition = new TopicPartition(topic, Utils.toPositive(Utils.murmur2(key)) % partitions);
        consumer.assign(List.of(partition));
        long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        long deadline = System.nanoTime() + LONGEST.toNanos();
        Deque<Submission> found = new ArrayDeque<>();
        Instant reaches = null;
        long from = end;
        long step = FIRST_STEP;
        while (from > begin && found.size() < ENOUGH && end - from < MOST_SCANNED && System.nanoTime() < deadline) {
            long to = from;
            from = Math.max(begin, from - step);
            step *= 2;
            List<ConsumerRecord<byte[], byte[]>> theirs = new ArrayList<>();
            Instant oldest = scan(consumer, partition, from, to, key, theirs);
            reaches = oldest == null ? reaches : oldest;
            for (int i = theirs.size() - 1; i >= 0; i--) {
                add(found, theirs.get(i));
            }
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        var entries = node.putArray("entries");
        found.forEach(submission -> entries.add(AvroJson.of(submission)));
        node.put("scanned", end - from);
        node.put("complete", from == begin);
        node.put("reaches", reaches == null ? null : reaches.toString());
        return node;
    }

    /** Collects the key's records in a range of offsets; the time of the oldest record of any key. */
    private static Instant scan(
            KafkaConsumer<byte[], byte[]> consumer,
            TopicPartition partition,
            long from,
            long to,
            byte[] key,
            List<ConsumerRecord<byte[], byte[]>> theirs) {
        Instant oldest = null;
        consumer.seek(partition, from);
        while (consumer.position(partition) < to) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                if (record.offset() < to) {
                    oldest = oldest == null ? Instant.ofEpochMilli(record.timestamp()) : oldest;
                    if (Arrays.equals(record.key(), key)) {
                        theirs.add(record);
                    }
                }
            }
        }
        return oldest;
    }

    private void add(Deque<Submission> found, ConsumerRecord<byte[], byte[]> record) {
        try {
            found.addFirst(values.deserialize(record.topic(), record.value()));
        } catch (BadRecordException e) {
            // Somebody else wrote it; a page cannot show what cannot be read.
        }
    }
}
