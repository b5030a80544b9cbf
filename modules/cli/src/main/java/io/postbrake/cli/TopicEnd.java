package io.postbrake.cli;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads partitions up to ends that are known; brokers that die on the way are waited for within a bound. */
final class TopicEnd {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicEnd() {}

    /** Takes one record. */
    interface Taker<K, V> {
        void take(ConsumerRecord<K, V> record);
    }

    /**
     * Reads on until all partitions are at their ends.
     *
     * @param patience longest time in which nothing comes on
     * @throws TimeoutException saying how far it came
     */
    static <K, V> void read(
            Consumer<K, V> consumer, Map<TopicPartition, Long> ends, Duration patience, Taker<K, V> taker) {
        long last = ahead(consumer, ends);
        long until = System.nanoTime() + patience.toNanos();
        while (last > 0) {
            consumer.poll(POLL).forEach(taker::take);
            // Markers of transactions come on too, and are no records.
            long now = ahead(consumer, ends);
            if (now < last) {
                until = System.nanoTime() + patience.toNanos();
            } else if (System.nanoTime() > until) {
                throw new TimeoutException("nothing of "
                        + ends.keySet().iterator().next().topic() + " came for "
                        + patience.toSeconds() + " s, and " + now + " of its offsets are still to be read: are its"
                        + " brokers away?");
            }
            last = now;
        }
    }

    private static long ahead(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }
}
