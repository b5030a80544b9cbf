package io.postbrake.cli;

import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Collects the committed records of a topic from its beginning; tombstones are left out. */
final class TopicFollower<V extends SpecificRecord> implements AutoCloseable {

    private final KafkaConsumer<String, byte[]> consumer;
    private final ReadableRecords<V> readable;
    private final List<V> seen = new ArrayList<>();

    TopicFollower(Map<String, Object> kafka, SchemaRegistry registry, Topic<V> topic) {
        consumer = TopicReader.fromBeginning(kafka, topic);
        readable = new ReadableRecords<>(registry, topic);
    }

    /** Reads on and returns all that was seen so far. */
    List<V> poll() {
        consumer.poll(Duration.ofMillis(20))
                .forEach(record -> readable.take(record, (key, value) -> {
                    if (value != null) {
                        seen.add(value);
                    }
                }));
        return seen;
    }

    List<V> all() {
        return seen;
    }

    @Override
    public void close() {
        consumer.close();
        readable.close();
    }
}
