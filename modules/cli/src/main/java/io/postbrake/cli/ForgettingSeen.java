package io.postbrake.cli;

import io.postbrake.state.SubjectState;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Waits until a detector's log of its states says that a subject was forgotten; made before the word is said. */
final class ForgettingSeen implements AutoCloseable {

    private static final String CHANGELOG = "-" + DetectorTopology.SUBJECT_STATES + "-changelog";
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<String, byte[]> consumer;
    private final ReadableRecords<SubjectState> readable;
    private final String key;
    private final boolean anywhere;
    private boolean seen;

    ForgettingSeen(Map<String, Object> kafka, SchemaRegistry registry, String key) {
        this.key = key;
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        // Whatever its application.id is.
        List<TopicPartition> logs = consumer.listTopics().entrySet().stream()
                .filter(topic -> topic.getKey().endsWith(CHANGELOG))
                .map(topic -> new TopicPartition(
                        topic.getKey(),
                        BuiltInPartitioner.partitionForKey(
                                key.getBytes(StandardCharsets.UTF_8),
                                topic.getValue().size())))
                .toList();
        anywhere = !logs.isEmpty();
        consumer.assign(logs);
        consumer.endOffsets(logs).forEach(consumer::seek);
        readable = new ReadableRecords<>(
                registry,
                new Topic<>(CHANGELOG, SubjectState.class, SubjectState.getClassSchema(), true, Duration.ZERO, ""));
    }

    /** Whether it was forgotten as of {@code at} or later, within the time. */
    boolean await(Instant at, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (anywhere && !seen && System.nanoTime() < end) {
            consumer.poll(POLL).forEach(record -> {
                if (key.equals(record.key())) {
                    readable.take(record, (same, state) -> seen |= isForgotten(state, at));
                }
            });
        }
        return seen;
    }

    private static boolean isForgotten(SubjectState stateOrNull, Instant at) {
        Instant forgotten = stateOrNull == null ? null : stateOrNull.getForgottenAt();
        return forgotten != null && !forgotten.isBefore(at);
    }

    @Override
    public void close() {
        consumer.close();
        readable.close();
    }
}
