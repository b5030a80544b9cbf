package io.postbrake.cli;

import io.postbrake.control.Control;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Reads and writes what holds for all detectors. */
final class ControlTopic {

    private final ClusterOptions cluster;

    ControlTopic(ClusterOptions cluster) {
        this.cluster = cluster;
    }

    /** All records that stand, by key. */
    Map<String, Control> read() throws IOException {
        return TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.CONTROL);
    }

    /**
     * Puts the whole configuration there.
     *
     * @throws IllegalArgumentException naming key, value and what would be right
     */
    void configure(Map<String, ?> yaml, String reason) throws IOException, InterruptedException, ExecutionException {
        write(RuntimeConfig.CONFIGURATION, said(RuntimeConfig.record(yaml), reason, Actor.here(null)));
    }

    /** Before {@code from} nothing is blocked. */
    void enforceFrom(Instant from, String reason) throws IOException, InterruptedException, ExecutionException {
        write(RuntimeConfig.ENFORCE, said(RuntimeConfig.enforcing(from), reason, Actor.here(null)));
    }

    /** From when on anything is blocked, when that is still to come; null otherwise. */
    Instant watchedUntil(Instant now) throws IOException {
        return EnforceCommand.watchedUntil(read().get(RuntimeConfig.ENFORCE), now);
    }

    /** Adds an entry to an allow-list, in place of an earlier one for the same. */
    void allow(AllowList.Entry entry, String actor) throws IOException, InterruptedException, ExecutionException {
        Control.Builder control = Control.newBuilder().setAllow(RuntimeConfig.records(List.of(entry)));
        write(RuntimeConfig.key(entry), said(control, entry.reason(), actor));
    }

    /** Takes back what was said under {@code key}. */
    void withdraw(String key) throws IOException, InterruptedException, ExecutionException {
        write(key, null);
    }

    /** The keys of a record as {@link #configure} takes them. */
    static Map<String, Object> keys(Control control) {
        Map<String, Object> keys = new TreeMap<>(control.getSettings());
        for (String type : AllowList.TYPES) {
            List<Map<String, Object>> entries = control.getAllow().stream()
                    .filter(e -> e.getType().equals(type))
                    .map(e -> {
                        Map<String, Object> entry = new TreeMap<>();
                        entry.put("subject", e.getSubject());
                        entry.put("reason", e.getReason());
                        if (e.getEndsAt() != null) {
                            entry.put("until", e.getEndsAt().toString());
                        }
                        return entry;
                    })
                    .toList();
            if (!entries.isEmpty()) {
                keys.put("allow." + type, entries);
            }
        }
        return keys;
    }

    private static Control said(Control.Builder control, String reason, String actor) {
        return control.setActor(actor)
                .setReason(reason)
                .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
    }

    private void write(String key, Control controlOrNull) throws IOException, InterruptedException, ExecutionException {
        var config = cluster.kafka();
        config.put("enable.idempotence", true);
        config.putIfAbsent("max.block.ms", ClusterOptions.PATIENCE_MS);
        try (var producer = new KafkaProducer<>(
                config,
                new StringSerializer(),
                WireSerde.of(cluster.registry(), Topics.CONTROL.type()).serializer())) {
            producer.send(new ProducerRecord<>(Topics.CONTROL.name(), key, controlOrNull))
                    .get();
        }
    }
}
