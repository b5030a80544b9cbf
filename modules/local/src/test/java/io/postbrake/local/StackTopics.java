package io.postbrake.local;

import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What is on the topics of a stack, whose topics have one partition. */
final class StackTopics {

    private StackTopics() {}

    /** Committed records of a topic from its beginning, tombstones left out. */
    static <V extends SpecificRecord> List<V> read(LocalStack stack, Topic<V> topic) {
        return read(stack.access(), topic);
    }

    /** The same of brokers that run elsewhere. */
    static <V extends SpecificRecord> List<V> read(ClusterAccess access, Topic<V> topic) {
        var partition = new TopicPartition(topic.name(), 0);
        List<V> result = new ArrayList<>();
        Map<String, Object> settings = new HashMap<>(access.kafka());
        settings.put("isolation.level", "read_committed");
        settings.put("group.id", UUID.randomUUID().toString());
        try (var registry = ConfluentSchemaRegistry.connect(access.registryUrl(), access.registry());
                var consumer = new KafkaConsumer<>(
                        settings,
                        new StringDeserializer(),
                        WireSerde.of(registry, topic.type()).deserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(r -> {
                    if (r.value() != null) {
                        result.add(r.value());
                    }
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }
}
