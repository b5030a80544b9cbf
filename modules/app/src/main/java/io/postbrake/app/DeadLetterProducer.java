package io.postbrake.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the dead letters that Kafka Streams has no producer for. It connects when the first one comes; whoever hands one over
 * waits a few seconds at most, and while the brokers do not answer not again for each: for {@link #PASSED_OVER} after a
 * time-out letters are passed over and counted. For many threads.
 */
final class DeadLetterProducer implements Consumer<ProducerRecord<byte[], byte[]>>, AutoCloseable {

    static final Duration PASSED_OVER = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterProducer.class);

    private final Supplier<Producer<byte[], byte[]>> connection;
    private final LongSupplier nanos;
    private final LongAdder lost = new LongAdder();
    private final AtomicReference<Long> away = new AtomicReference<>();
    private Producer<byte[], byte[]> producer;
    private boolean closed;

    /** {@code kafka}: settings of the clients; those that are no producer's are left out. */
    DeadLetterProducer(Map<String, ?> kafka) {
        this(() -> connect(kafka), System::nanoTime);
    }

    DeadLetterProducer(Supplier<Producer<byte[], byte[]>> connection, LongSupplier nanos) {
        this.connection = connection;
        this.nanos = nanos;
    }

    private static Producer<byte[], byte[]> connect(Map<String, ?> kafka) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.keySet().retainAll(ProducerConfig.configNames());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "postbrake-dead-letters");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "5000");
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(4 << 20));
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public synchronized void accept(ProducerRecord<byte[], byte[]> letter) {
        if (closed) {
            return;
        }
        Long since = away.get();
        if (since != null && nanos.getAsLong() - since < PASSED_OVER.toNanos()) {
            lost.increment();
            return;
        }
        away.compareAndSet(since, null);
        try {
            producer = producer == null ? connection.get() : producer;
            var unused = producer.send(letter, (at, failure) -> {
                if (failure != null) {
                    failed(letter, failure);
                }
            });
        } catch (KafkaException e) {
            failed(letter, e);
        }
    }

    private void failed(ProducerRecord<byte[], byte[]> letter, Exception why) {
        lost.increment();
        if (why instanceof TimeoutException) {
            away.set(nanos.getAsLong());
        }
        LOG.error("A dead letter could not be written to {}, {} were not so far", letter.topic(), lost.sum(), why);
    }

    /** So many letters were not written: they failed, or were passed over. */
    long lost() {
        return lost.sum();
    }

    /** Sends what waits. */
    @Override
    public synchronized void close() {
        closed = true;
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
    }
}
