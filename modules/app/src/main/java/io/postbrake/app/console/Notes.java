package io.postbrake.app.console;

import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.OperatorNotes;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators noted of subjects, read from the overrides topic: whole, and on from there, beginning when somebody first looks.
 * Every instance reads all of them.
 */
final class Notes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notes.class);

    /** The newest of a subject; more are kept on the topic and shown by {@code postbrake explain}. */
    private static final int MOST_SHOWN = 50;

    private static final int MOST_SUBJECTS = 20_000;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Comparator<OperatorOverride> NEWEST_FIRST =
            Comparator.comparing(OperatorOverride::getAt).reversed();

    private final Map<String, Object> client;
    private final Deserializer<OperatorOverride> values;
    private final Map<String, Map<String, OperatorOverride>> bySubject = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private Thread reader;
    private KafkaConsumer<String, byte[]> consumer;

    /** Reads with these client settings. */
    Notes(Map<String, Object> client, SchemaRegistry registry) {
        this.client = new HashMap<>(client);
        this.client.put("isolation.level", "read_committed");
        this.client.put("enable.auto.commit", false);
        this.client.put("fetch.max.wait.ms", 5_000); // Nothing comes for hours.
        this.client.keySet().removeAll(List.of("group.id", "group.instance.id", "transactional.id"));
        this.values = WireSerde.of(registry, OperatorOverride.class).deserializer();
    }

    /** Notes of a subject, the newest first. */
    List<OperatorOverride> of(String subjectKey) {
        Map<String, OperatorOverride> all = bySubject.get(subjectKey);
        return all == null
                ? List.of()
                : all.values().stream().sorted(NEWEST_FIRST).limit(MOST_SHOWN).toList();
    }

    /** The newest note by which somebody took charge of an incident that began at {@code since}; null for none. */
    OperatorOverride acknowledged(String subjectKey, Instant since) {
        Map<String, OperatorOverride> all = bySubject.get(subjectKey);
        return all == null
                ? null
                : all.values().stream()
                        .filter(note -> note.getVerb().equals(OperatorNotes.ACKNOWLEDGE)
                                && !note.getAt().isBefore(since))
                        .min(NEWEST_FIRST)
                        .orElse(null);
    }

    /** A number that is another one once something was noted or removed. */
    long changes() {
        return changes.get();
    }

    /** Keys of the records that are older than notes are kept. */
    List<String> expired(Instant now) {
        Instant oldest = now.minus(OperatorNotes.KEEP);
        List<String> keys = new ArrayList<>();
        bySubject
                .values()
                .forEach(notes -> notes.forEach((key, note) -> {
                    if (note.getAt().isBefore(oldest)) {
                        keys.add(key);
                    }
                }));
        return keys;
    }

    /** Begins to read, unless it does already. */
    synchronized void begin() {
        if (reader == null && isOpen()) {
            reader = new Thread(this::read, "console-notes");
            reader.setDaemon(true);
            reader.start();
        }
    }

    private void read() {
        while (isOpen()) {
            try (KafkaConsumer<String, byte[]> own =
                    new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer())) {
                follow(own);
            } catch (WakeupException e) {
                return; // It is closed.
            } catch (RuntimeException e) { // Kafka's, or the registry is away, or there is no topic yet.
                LOG.warn("Operators' notes cannot be read for now: {}", e.getMessage());
                pause();
            }
        }
    }

    private void follow(KafkaConsumer<String, byte[]> own) {
        synchronized (this) {
            if (!isOpen()) {
                return;
            }
            consumer = own;
        }
        List<TopicPartition> partitions = own.partitionsFor(Topics.OVERRIDES.name()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        own.assign(partitions);
        own.seekToBeginning(partitions);
        while (isOpen()) {
            own.poll(PAUSE).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        String subject = record.key() == null
                ? null
                : OperatorNotes.subject(record.key()).orElse(null);
        if (subject == null) {
            return; // A word on a subject: the detector's state has it.
        }
        keep(subject, record);
        changes.incrementAndGet();
    }

    private void keep(String subject, ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            bySubject.computeIfPresent(subject, (key, notes) -> {
                notes.remove(record.key());
                return notes.isEmpty() ? null : notes;
            });
            return;
        }
        try {
            OperatorOverride note = values.deserialize(record.topic(), record.value());
            if (bySubject.containsKey(subject) || bySubject.size() < MOST_SUBJECTS) {
                bySubject
                        .computeIfAbsent(subject, key -> new ConcurrentSkipListMap<>())
                        .put(record.key(), note);
            }
        } catch (BadRecordException e) {
            LOG.warn("A note cannot be read: {}", e.getMessage());
        }
    }

    private boolean isOpen() {
        return closed.getCount() > 0;
    }

    private void pause() {
        try {
            if (closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("Closed while brokers were away");
            }
        } catch (InterruptedException e) {
            closed.countDown();
        }
    }

    @Override
    public void close() {
        Thread reading;
        synchronized (this) {
            closed.countDown();
            reading = reader;
            if (consumer != null) {
                consumer.wakeup();
            }
        }
        if (reading != null) {
            try {
                reading.join(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
