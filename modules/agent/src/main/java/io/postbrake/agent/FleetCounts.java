package io.postbrake.agent;

import io.postbrake.policyserver.CountedBucket;
import io.postbrake.policyserver.PolicyServer;
import io.postbrake.quota.QuotaBucket;
import io.postbrake.quota.QuotaCounts;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other hosts what this one's policy server counted. What changed is told at once, and then at most every
 * {@value #PAUSE_MS} ms; while brokers or registry are away it waits, the newest of each subject. Nobody who asks for a ceiling waits for it.
 */
public final class FleetCounts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FleetCounts.class);
    private static final long PAUSE_MS = 25;
    private static final long AGAIN_MS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String hostId;
    private final PolicyServer server;
    private final Map<String, Object> settings;
    private final ConfluentSchemaRegistry registry;
    private final FleetReader reader;
    private final Thread thread;
    private volatile boolean closing;

    private FleetCounts(String hostId, ClusterAccess cluster, PolicyServer server) {
        this.hostId = hostId;
        this.server = server;
        settings = client(cluster.kafka(), "producer.");
        settings.put("client.id", "postbrake-quotas-" + hostId);
        settings.put("acks", "all");
        settings.put("linger.ms", "0");
        settings.put("max.block.ms", "5000");
        settings.put("request.timeout.ms", "5000");
        settings.put("delivery.timeout.ms", "5000");
        settings.putIfAbsent("buffer.memory", "1048576");
        registry = ConfluentSchemaRegistry.connect(cluster.registryUrl(), cluster.registry());
        reader = new FleetReader(hostId, client(cluster.kafka(), "consumer."), registry, server);
        thread = new Thread(this::run, "postbrake-quotas-said");
        thread.setDaemon(true);
        thread.start();
    }

    /** Counts of {@code server} go to the other hosts of the cluster from now on, and theirs to it. */
    public static FleetCounts start(String hostId, ClusterAccess cluster, PolicyServer server) {
        return new FleetCounts(hostId, cluster, server);
    }

    /** Settings of one kind of client: its own, with their prefix, stand over those of all. */
    private static Map<String, Object> client(Map<String, String> kafka, String prefix) {
        Map<String, Object> result = new HashMap<>();
        kafka.forEach((key, value) -> {
            if (!key.startsWith("producer.") && !key.startsWith("consumer.") && !key.startsWith("admin.")) {
                result.put(key, value);
            }
        });
        kafka.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                result.put(key.substring(prefix.length()), value);
            }
        });
        return result;
    }

    private void run() {
        while (!closing) {
            // A new one after each failure: one cannot be made while no broker's name is known, and some errors stay.
            try (var values = WireSerde.of(registry, QuotaCounts.class).serializer();
                    var producer = new KafkaProducer<>(settings, new StringSerializer(), values)) {
                while (!closing && tell(producer)) {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                }
                producer.close(PATIENCE);
                if (!closing) {
                    TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
                }
            } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
                Thread.currentThread().interrupt(); // It stops.
                return;
            } catch (RuntimeException e) {
                failed(e);
                if (!rested()) {
                    return;
                }
            }
        }
    }

    private static boolean rested() {
        try {
            TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Tells what changed; whether all of it was taken. */
    private boolean tell(KafkaProducer<String, QuotaCounts> producer) throws InterruptedException {
        Set<String> changed = server.changed(AGAIN_MS);
        Set<String> untold = ConcurrentHashMap.newKeySet();
        untold.addAll(changed);
        try {
            for (String subject : changed) {
                say(producer, subject, untold);
            }
            if (!changed.isEmpty()) {
                producer.flush();
            }
        } finally {
            server.changedStill(untold);
        }
        if (untold.isEmpty() && !changed.isEmpty()) {
            reader.told();
        }
        return untold.isEmpty();
    }

    private void failed(Exception e) {
        LOG.debug("Counts wait: {}", e.getMessage());
        reader.untold(e.getMessage());
    }

    private void say(KafkaProducer<String, QuotaCounts> producer, String subject, Set<String> untold) {
        try {
            var unused = producer.send(
                    new ProducerRecord<>(Topics.QUOTAS.name(), hostId + "/" + subject, counts(subject)),
                    (metadata, error) -> {
                        if (error == null) {
                            untold.remove(subject);
                        } else {
                            failed(error);
                        }
                    });
        } catch (org.apache.kafka.common.errors.InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** A tombstone when nothing counts any more. */
    private QuotaCounts counts(String subject) {
        List<CountedBucket> buckets = server.counted(subject);
        return buckets.isEmpty()
                ? null
                : new QuotaCounts(
                        hostId,
                        subject,
                        Instant.now(),
                        buckets.stream().map(FleetCounts::bucket).toList());
    }

    private static QuotaBucket bucket(CountedBucket b) {
        return new QuotaBucket(b.window(), Instant.ofEpochMilli(b.at()), (long) b.messages(), (long) b.recipients());
    }

    /** Whether the brokers answered when they were asked last. */
    boolean isTogether() {
        return reader.isTogether();
    }

    @Override
    public void close() {
        closing = true;
        reader.close();
        try {
            thread.join(PATIENCE.toMillis());
            thread.interrupt();
            registry.close();
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("Closing the registry's client", e);
        }
    }
}
