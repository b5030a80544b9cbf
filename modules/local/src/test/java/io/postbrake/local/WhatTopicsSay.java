package io.postbrake.local;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What blocks and unblocks on the topics come to, read by a consumer of its own and without any code of the enforcer. */
final class WhatTopicsSay {

    private static final String ACCOUNT = "sasl_user:";

    private WhatTopicsSay() {}

    /** For each blocked account, how its entry must begin and end: action, blank, reference. */
    static Map<String, String> of(String bootstrap, SchemaRegistry registry) {
        Map<String, OperatorOverride> words = newest(bootstrap, registry, Topics.OVERRIDES);
        Map<String, String> result = new HashMap<>();
        newest(bootstrap, registry, Topics.BLOCKS).forEach((key, block) -> {
            OperatorOverride unblock = words.get(key);
            boolean spent = unblock != null
                    && !(block.getDecidedAt().isAfter(unblock.getAt())
                            && block.getLastEvidenceAt().isAfter(unblock.getAt()));
            if (!spent) {
                result.put(key.substring(ACCOUNT.length()), expected(block));
            }
        });
        return result;
    }

    private static String expected(Block block) {
        return block.getAction().toUpperCase(java.util.Locale.ROOT) + " [pb:" + block.getReference() + "]";
    }

    /** Whether a map has just these accounts, each with its action and reference. */
    static boolean agrees(Map<String, String> map, Map<String, String> topics) {
        return map.keySet().equals(topics.keySet())
                && topics.entrySet().stream().allMatch(e -> {
                    int blank = e.getValue().indexOf(' ');
                    String there = map.get(e.getKey());
                    return there.startsWith(e.getValue().substring(0, blank) + " ")
                            && there.endsWith(e.getValue().substring(blank));
                });
    }

    private static <V extends SpecificRecord> Map<String, V> newest(
            String bootstrap, SchemaRegistry registry, Topic<V> topic) {
        var partition = new TopicPartition(topic.name(), 0);
        Map<String, V> result = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    if (record.value() == null) {
                        result.remove(record.key());
                    } else {
                        result.put(record.key(), record.value());
                    }
                });
            }
        }
        return result;
    }
}
