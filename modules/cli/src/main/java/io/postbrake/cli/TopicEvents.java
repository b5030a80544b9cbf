package io.postbrake.cli;

import io.postbrake.event.MailEvent;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The events that a topic holds now, its partitions merged in order of time as far as each partition's own order lets them.
 * Partitions that are far ahead of the others wait, so that memory stays flat.
 */
final class TopicEvents implements Iterator<MailEvent>, AutoCloseable {
    private static final int BUFFERED = 2_000;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** As far as a stamp may be ahead of the time at which its line was read. */
    private static final Duration LEAD = Duration.ofMinutes(5);

    private final String topic;
    private final Deserializer<MailEvent> events;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, Deque<MailEvent>> buffers = new HashMap<>();
    private long bad;
    private final long total;
    private volatile long done;

    /** What {@code topic} holds now; nothing that was read before {@code fromOrNull}. */
    TopicEvents(ClusterOptions cluster, String topic, Instant fromOrNull) throws IOException {
        this.topic = topic;
        this.events =
                WireSerde.of(cluster.registry(), Topics.MAIL_EVENTS.type()).deserializer();
        Map<String, Object> config = cluster.kafka();
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        List<PartitionInfo> partitions = consumer.partitionsFor(topic);
        if (partitions == null || partitions.isEmpty()) {
            consumer.close();
            throw new IllegalArgumentException("--topic is '" + topic + "': the cluster has no such topic");
        }
        partitions.forEach(p -> buffers.put(new TopicPartition(topic, p.partition()), new ArrayDeque<>()));
        consumer.assign(buffers.keySet());
        ends = consumer.endOffsets(buffers.keySet());
        seek(fromOrNull);
        total = ahead();
    }

    /** Offsets that are still to be read; markers of transactions count among them. */
    private long ahead() {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }

    private void seek(Instant fromOrNull) {
        consumer.seekToBeginning(buffers.keySet());
        if (fromOrNull == null) {
            return;
        }
        Map<TopicPartition, Long> times = new HashMap<>();
        buffers.keySet().forEach(p -> times.put(p, fromOrNull.minus(LEAD).toEpochMilli()));
        for (Map.Entry<TopicPartition, OffsetAndTimestamp> first :
                consumer.offsetsForTimes(times).entrySet()) {
            OffsetAndTimestamp found = first.getValue();
            consumer.seek(first.getKey(), found == null ? ends.get(first.getKey()) : found.offset());
        }
    }

    /** Records that could not be read. */
    long bad() {
        return bad;
    }

    /** How many records there were to read at the beginning. */
    long total() {
        return total;
    }

    /** How many of them were read so far. Safe to ask from another thread. */
    long done() {
        return done;
    }

    @Override
    public boolean hasNext() {
        fill();
        return buffers.values().stream().anyMatch(b -> !b.isEmpty());
    }

    @Override
    public MailEvent next() {
        fill();
        Deque<MailEvent> first = null;
        for (Deque<MailEvent> buffer : buffers.values()) {
            boolean earlier = !buffer.isEmpty()
                    && (first == null
                            || buffer.peek()
                                    .getOccurredAt()
                                    .isBefore(first.peek().getOccurredAt()));
            first = earlier ? buffer : first;
        }
        if (first == null) {
            throw new NoSuchElementException();
        }
        return first.poll();
    }

    /** Reads until every partition that has more to give has something to compare. */
    private void fill() {
        long started = System.nanoTime();
        while (buffers.entrySet().stream().anyMatch(e -> e.getValue().isEmpty() && more(e.getKey()))) {
            buffers.forEach((partition, buffer) -> {
                if (buffer.size() >= BUFFERED) {
                    consumer.pause(List.of(partition));
                } else {
                    consumer.resume(List.of(partition));
                }
            });
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                started = System.nanoTime();
                take(record);
            }
            done = total - ahead();
            if (System.nanoTime() - started > PATIENCE.toNanos()) {
                throw new IllegalStateException("the brokers gave nothing of " + topic + " for a minute");
            }
        }
    }

    private boolean more(TopicPartition partition) {
        return consumer.position(partition) < ends.get(partition);
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        var partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() >= ends.get(partition)) {
            return;
        }
        try {
            MailEvent event = events.deserialize(topic, record.value());
            if (event == null) {
                bad++;
            } else {
                buffers.get(partition).add(event);
            }
        } catch (BadRecordException e) {
            bad++;
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
