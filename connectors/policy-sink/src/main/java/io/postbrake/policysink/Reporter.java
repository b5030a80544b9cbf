package io.postbrake.policysink;

import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends reports in a thread of its own. While brokers or registry are away the newest report of each key waits, at most
 * {@link #MOST} of them; enforcement goes on meanwhile.
 */
final class Reporter implements AutoCloseable {

    static final int MOST = 10_000;
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Map<String, EnforcementReport> waiting = new LinkedHashMap<>();
    private final Map<String, Object> settings;
    private final ConfluentSchemaRegistry registry;
    private final Thread thread;
    private boolean stopped;
    private long dropped;
    private boolean away;

    /** @param client settings of the Kafka client, brokers among them */
    Reporter(Map<String, Object> client, String registryUrl, Map<String, String> registryClient) {
        settings = new HashMap<>(client);
        settings.putIfAbsent("client.id", "postbrake-enforcer-reports");
        settings.put("acks", "all");
        settings.putIfAbsent("linger.ms", "0");
        settings.putIfAbsent("max.block.ms", "10000");
        settings.putIfAbsent("buffer.memory", "1048576"); // Kept once used; reports that wait do so here.
        registry = ConfluentSchemaRegistry.connect(registryUrl, registryClient);
        thread = new Thread(this::run, "postbrake-reports");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends the report soon, in place of an older one with the same key. */
    synchronized void send(String key, EnforcementReport report) {
        waiting.remove(key);
        waiting.put(key, report);
        if (waiting.size() > MOST) {
            Iterator<String> oldest = waiting.keySet().iterator();
            oldest.next();
            oldest.remove();
            dropped++;
        }
        notifyAll();
    }

    private synchronized void again(String key, EnforcementReport report) {
        if (!stopped && !waiting.containsKey(key)) {
            waiting.put(key, report);
        }
    }

    /** Reports that were given up because too many waited. */
    synchronized long dropped() {
        return dropped;
    }

    private synchronized Map<String, EnforcementReport> next() throws InterruptedException {
        while (waiting.isEmpty()) {
            if (stopped) {
                return Map.of();
            }
            wait();
        }
        Map<String, EnforcementReport> result = new LinkedHashMap<>(waiting);
        waiting.clear();
        return result;
    }

    private void run() {
        var values = WireSerde.of(registry, EnforcementReport.class).serializer();
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), values)) {
            for (Map<String, EnforcementReport> some = next(); !some.isEmpty(); some = next()) {
                if (!send(producer, some)) {
                    TimeUnit.SECONDS.sleep(1);
                }
            }
            producer.close(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The task stops.
        } catch (RuntimeException e) {
            LOG.error("nothing is reported any more: {}", e.getMessage());
        }
    }

    private boolean send(KafkaProducer<String, EnforcementReport> producer, Map<String, EnforcementReport> some)
            throws InterruptedException {
        boolean[] ok = {true};
        for (Map.Entry<String, EnforcementReport> report : some.entrySet()) {
            try {
                var unused = producer.send(
                        new ProducerRecord<>(Topics.ENFORCEMENT.name(), report.getKey(), report.getValue()),
                        (metadata, error) -> {
                            if (error != null) {
                                failed(error);
                                again(report.getKey(), report.getValue());
                            }
                        });
            } catch (RuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                failed(e);
                again(report.getKey(), report.getValue());
                ok[0] = false;
            }
        }
        if (ok[0]) {
            away = false;
        }
        return ok[0];
    }

    private void failed(Exception error) {
        if (!away) {
            away = true;
            LOG.warn("reports wait until brokers and registry are there: {}", error.getMessage());
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            stopped = true;
            notifyAll();
        }
        try {
            thread.join(PATIENCE.toMillis());
            thread.interrupt();
            registry.close();
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing the registry client", e);
        }
    }
}
