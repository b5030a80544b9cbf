package io.postbrake.benchmarks.pipeline;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What stands on a fleet's topics at the end, as those see it who read committed records: a fast build that loses lines would
 * not be fast.
 *
 * @param events records of mail events
 * @param blocked logins that were blocked
 */
record Truth(long events, Collection<String> blocked) {
    private static final String LOGIN = "sasl_user:";

    static Truth of(String brokers) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", brokers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var events = new long[1];
            each(consumer, "mail.events.v1", r -> events[0]++);
            var blocked = new TreeSet<String>();
            each(consumer, "abuse.blocks.v1", r -> {
                if (r.key().startsWith(LOGIN) && r.value() != null) {
                    blocked.add(r.key().substring(LOGIN.length()));
                }
            });
            return new Truth(events[0], blocked);
        }
    }

    private static void each(
            KafkaConsumer<String, byte[]> consumer, String topic, Consumer<ConsumerRecord<String, byte[]>> to) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(Duration.ofMillis(200)).forEach(to);
        }
    }

    /**
     * Checks it against what was written.
     *
     * @throws IllegalStateException when an event is missing or doubled, or a login that was stolen is not blocked
     */
    void mustAgree(Traffic written) {
        if (events != written.linesWritten()) {
            throw new IllegalStateException(
                    written.linesWritten() + " lines were written, and " + events + " events stand on the topic");
        }
        var missed = new TreeSet<>(written.stolenAccounts());
        missed.removeAll(blocked);
        if (!missed.isEmpty()) {
            throw new IllegalStateException("stolen and not blocked: " + missed);
        }
    }

    /** Blocked logins that nobody stole: the mix has some that send as much as a thief does. */
    long others(Traffic written) {
        return blocked.stream()
                .filter(login -> !written.stolenAccounts().contains(login))
                .count();
    }
}
