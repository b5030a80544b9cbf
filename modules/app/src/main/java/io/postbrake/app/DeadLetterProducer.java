package io.postbrake.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the dead letters that Kafka Streams has no producer for. It connects when the first one comes; whoever hands one over
 * waits a few seconds at most. For many threads.
 */
final class DeadLetterProducer implements Consumer<ProducerRecord<byte[], byte[]>>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterProducer.class);

    private final Map<String, Object> settings = new HashMap<>();
    private KafkaProducer<byte[], byte[]> producer;
    private boolean closed;

    /** {@code kafka}: settings of the clients; those that are no producer's are left out. */
    DeadLetterProducer(Map<String, ?> kafka) {
        settings.putAll(kafka);
        settings.keySet().retainAll(ProducerConfig.configNames());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "postbrake-dead-letters");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "5000");
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(4 << 20));
    }

    @Override
    public synchronized void accept(ProducerRecord<byte[], byte[]> letter) {
        if (closed) {
            return;
        }
        try {
            if (producer == null) {
                producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
            }
            var unused = producer.send(letter, (at, failure) -> {
                if (failure != null) {
                    LOG.error("A dead letter could not be written to {}", letter.topic(), failure);
                }
            });
        } catch (KafkaException e) {
            LOG.error("A dead letter could not be written to {}", letter.topic(), e);
        }
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
