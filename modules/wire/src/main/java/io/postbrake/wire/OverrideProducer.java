package io.postbrake.wire;

import io.postbrake.block.OperatorOverride;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.serialization.StringSerializer;

/** Puts operators' words on their topic, from wherever one is said. It connects when the first is. */
public final class OverrideProducer implements AutoCloseable {

    private final Map<String, Object> client;
    private final SchemaRegistry registry;
    private final Duration patience;
    private KafkaProducer<String, OperatorOverride> producer;

    /**
     * Writes with these settings of the client.
     *
     * @param patience how long brokers may take: whoever says a word waits to hear that it was taken
     */
    public OverrideProducer(Map<String, ?> client, SchemaRegistry registry, Duration patience) {
        this.client = new HashMap<>(client);
        this.client.put("enable.idempotence", true);
        this.client.put("acks", "all");
        this.client.put("linger.ms", 0);
        this.client.put("max.block.ms", patience.toMillis());
        this.client.put("delivery.timeout.ms", (int) patience.toMillis());
        this.client.put("request.timeout.ms", (int) patience.toMillis() / 2);
        this.client.remove("transactional.id");
        this.registry = registry;
        this.patience = patience;
    }

    /**
     * Says words, each under its key ({@code TYPE:SUBJECT}), and returns when the brokers have all of them.
     *
     * @throws ExecutionException when the brokers refuse one
     * @throws TimeoutException when they do not answer in time
     */
    public void say(Map<String, OperatorOverride> words)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        words.forEach((key, word) ->
                sent.add(producer().send(new ProducerRecord<>(Topics.OVERRIDES.name(), key, word))));
        for (Future<RecordMetadata> one : sent) {
            one.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Has a subject forgotten: takes away what old logs taught of it and the newest word on it, and says {@code word} beside
     * that, in the subject's own partition: whoever reads words of that subject reads both, in this order.
     *
     * @param key what the word stands under
     */
    public void forget(String subjectKey, String key, OperatorOverride word)
            throws InterruptedException, ExecutionException, TimeoutException {
        String topic = Topics.OVERRIDES.name();
        int partition = BuiltInPartitioner.partitionForKey(
                subjectKey.getBytes(StandardCharsets.UTF_8),
                producer().partitionsFor(topic).size());
        List<ProducerRecord<String, OperatorOverride>> records = List.of(
                new ProducerRecord<>(Topics.PROFILES.name(), subjectKey, null),
                new ProducerRecord<>(topic, partition, subjectKey, null),
                new ProducerRecord<>(topic, partition, key, word));
        for (ProducerRecord<String, OperatorOverride> record : records) {
            producer().send(record).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized KafkaProducer<String, OperatorOverride> producer() {
        if (producer == null) {
            producer = new KafkaProducer<>(
                    client,
                    new StringSerializer(),
                    WireSerde.of(registry, Topics.OVERRIDES.type()).serializer());
        }
        return producer;
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(1));
        }
    }
}
