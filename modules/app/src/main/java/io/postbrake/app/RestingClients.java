package io.postbrake.app;

import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Clients of Kafka Streams that wait longer for records when none have come for a while. A thread of Streams waits for `poll.ms`
 * and then looks whether a commit is due; five milliseconds of that are right while records come, and two hundred looks a second
 * at nothing are most of what an idle detector costs. What arrives ends a wait at once, so no record is later for it.
 */
final class RestingClients implements KafkaClientSupplier {
    private final LongSupplier nanoTime;

    RestingClients() {
        this(System::nanoTime);
    }

    RestingClients(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return new Resting(config, new Rest(nanoTime));
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return new Resting(config, new Rest(nanoTime));
    }

    private static final class Resting extends KafkaConsumer<byte[], byte[]> {
        private final Rest rest;

        Resting(Map<String, Object> config, Rest rest) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            this.rest = rest;
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            if (!paused().isEmpty()) {
                // Partitions that a thread takes over stay paused until their state is there, which it only sees
                // between waits.
                rest.came(1);
            }
            ConsumerRecords<byte[], byte[]> records = super.poll(rest.instead(timeout));
            rest.came(records.count());
            return records;
        }
    }

    /** How long one consumer waits. For one thread. */
    static final class Rest {
        /** Until then every commit that records led to is done, whatever the interval; each hop of a record is one of its own. */
        private static final long BUSY_NS = 300_000_000;
        /** A stop is heard of at the end of a wait. */
        private static final Duration LONG = Duration.ofMillis(50);

        private final LongSupplier nanoTime;
        private long cameAt;

        Rest(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            this.cameAt = nanoTime.getAsLong();
        }

        /** What to wait for instead of {@code asked}; who does not want to wait does not. */
        Duration instead(Duration asked) {
            boolean resting = nanoTime.getAsLong() - cameAt > BUSY_NS;
            return resting && !asked.isZero() && asked.compareTo(LONG) < 0 ? LONG : asked;
        }

        void came(int records) {
            if (records > 0) {
                cameAt = nanoTime.getAsLong();
            }
        }
    }
}
