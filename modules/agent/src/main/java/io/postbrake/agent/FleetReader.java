package io.postbrake.agent;

import io.postbrake.policyserver.CountedBucket;
import io.postbrake.policyserver.PolicyServer;
import io.postbrake.quota.QuotaBucket;
import io.postbrake.quota.QuotaCounts;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what the other hosts counted: the whole topic at the start, and each change from then on. Says when brokers are not
 * reached: then this host counts with what it heard last.
 */
final class FleetReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FleetReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long AGAIN_MS = 1000;

    private final String hostId;
    private final Map<String, Object> settings;
    private final PolicyServer server;
    private final Deserializer<QuotaCounts> values;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean together;
    private Instant apart;
    private String untold;
    private long bad;

    FleetReader(String hostId, Map<String, Object> client, SchemaRegistry registry, PolicyServer server) {
        this.hostId = hostId;
        this.server = server;
        settings = new HashMap<>(client);
        settings.put("client.id", "postbrake-quotas-" + hostId);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.putIfAbsent("fetch.min.bytes", "1");
        // A fetch that waits holds up the end of its consumer.
        settings.putIfAbsent("fetch.max.wait.ms", "2000");
        settings.remove("group.id");
        values = WireSerde.of(registry, QuotaCounts.class).deserializer();
        thread = new Thread(this::run, "postbrake-quotas-heard");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closing) {
            try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
                hear(consumer);
            } catch (InterruptException | WakeupException e) {
                return;
            } catch (RuntimeException e) {
                apart(e.getMessage());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void hear(KafkaConsumer<String, byte[]> consumer) {
        List<PartitionInfo> found = consumer.partitionsFor(Topics.QUOTAS.name(), ANSWER);
        if (found == null || found.isEmpty()) {
            throw new KafkaException("topic " + Topics.QUOTAS.name() + " is missing: create the topics");
        }
        List<TopicPartition> partitions = found.stream()
                .map(each -> new TopicPartition(each.topic(), each.partition()))
                .toList();
        consumer.assign(partitions);
        // Not all again after an outage: what a host said first would stand in for what it said last meanwhile.
        for (TopicPartition each : partitions) {
            if (next.containsKey(each)) {
                consumer.seek(each, next.get(each));
            } else {
                consumer.seekToBeginning(List.of(each));
            }
        }
        long looked = System.nanoTime() - LOOK_NS;
        while (!closing) {
            for (ConsumerRecord<String, byte[]> each : consumer.poll(POLL)) {
                take(each);
                next.put(new TopicPartition(each.topic(), each.partition()), each.offset() + 1);
            }
            if (System.nanoTime() - looked >= LOOK_NS) {
                looked = System.nanoTime();
                var unused = consumer.endOffsets(partitions, ANSWER); // A poll says nothing of brokers that are away.
                together();
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> each) {
        try {
            QuotaCounts said = values.deserialize(each.topic(), each.value());
            if (said == null) {
                ended(each.key());
            } else if (!said.getHostId().equals(hostId)) {
                server.countedElsewhere(
                        said.getHostId(),
                        said.getSubject(),
                        said.getBuckets().stream().map(FleetReader::bucket).toList());
            }
        } catch (BadRecordException | IllegalArgumentException | ArithmeticException e) {
            if (bad++ == 0) {
                LOG.warn(
                        "{} has a record that is none of a host's counts, at {}-{}: {}; it is left out",
                        each.topic(),
                        each.partition(),
                        each.offset(),
                        e.getMessage());
            }
        }
    }

    private void ended(String key) {
        int slash = key == null ? -1 : key.indexOf('/');
        if (slash > 0 && !key.startsWith(hostId + "/")) {
            server.countedElsewhere(key.substring(0, slash), key.substring(slash + 1), List.of());
        }
    }

    private static CountedBucket bucket(QuotaBucket b) {
        return new CountedBucket(
                b.getWindow(),
                b.getBegins().toEpochMilli(),
                Math.toIntExact(b.getMessages()),
                Math.toIntExact(b.getRecipients()));
    }

    boolean isTogether() {
        return together;
    }

    private synchronized void apart(String why) {
        together = false;
        if (apart == null) {
            apart = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        }
        server.alone("quotas: this host counts alone since " + apart + ", with what it heard of others before: " + why);
    }

    private synchronized void together() {
        apart = null;
        together = true;
        server.alone(untold);
    }

    /** What this host counts is not taken from it, whether or not others are heard. */
    synchronized void untold(String why) {
        if (untold == null) {
            untold = "quotas: other hosts are not told what this one counts since "
                    + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ": " + why;
        }
        if (together) {
            server.alone(untold);
        }
    }

    /** It is taken again. */
    synchronized void told() {
        if (untold != null) {
            untold = null;
            if (together) {
                server.alone(null);
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(5 * AGAIN_MS);
            thread.interrupt();
            thread.join(2 * AGAIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
