package io.postbrake.app;

import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what the detector cannot do without (brokers, topics, registry, schemas) and says what it waits for. Only
 * what no waiting can mend throws.
 */
final class Prerequisites {

    private static final Logger LOG = LoggerFactory.getLogger(Prerequisites.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration REMINDER = Duration.ofSeconds(30);
    private static final String ANSWER_MS = "5000";

    private final Map<String, Object> client;
    private final String brokers;
    private final String registryUrl;
    private final SchemaRegistry registry;
    private final int partitions;
    private final boolean rawLines;
    private volatile String missing = "nothing";
    private long toldAt;

    /**
     * What a detector with this configuration needs.
     *
     * @param admin settings of the admin client, security among them
     */
    Prerequisites(Map<String, Object> admin, DetectorConfig config, SchemaRegistry registry) {
        this.client = new HashMap<>(admin);
        client.put("request.timeout.ms", ANSWER_MS);
        client.put("default.api.timeout.ms", ANSWER_MS);
        this.brokers = "Kafka at " + config.kafka().get("bootstrap.servers") + " (kafka.bootstrap.servers)";
        this.registryUrl = config.registryUrl();
        this.registry = registry;
        this.partitions = config.partitions();
        this.rawLines = config.rawLines() != null;
    }

    /** What is waited for now, for whoever looks at the health of the service. */
    String missing() {
        return missing;
    }

    /**
     * Returns when all is there.
     *
     * @throws IllegalArgumentException when the cluster contradicts the configuration
     */
    void await() throws InterruptedException {
        cluster();
        missing = "schema registry " + registryUrl;
        List<String> problems =
                new SchemaAdmin(registry).check(Topics.ofDetector()); // waits for a registry that is away
        while (!problems.isEmpty()) {
            pause("schema registry " + registryUrl + " lacks schemas (postbrake schemas register makes them): "
                    + String.join("; ", problems));
            problems = new SchemaAdmin(registry).check(Topics.ofDetector());
        }
        if (toldAt != 0) {
            LOG.warn("All that was waited for is there");
        }
    }

    private void cluster() throws InterruptedException {
        missing = brokers;
        while (true) {
            try (Admin admin = Admin.create(client)) {
                topics(admin);
                return;
            } catch (ExecutionException e) {
                if (!passes(e.getCause())) {
                    throw new IllegalArgumentException(
                            brokers + ": " + e.getCause().getMessage(), e.getCause());
                }
                pause(brokers + " does not answer as it should: " + e.getCause().getMessage());
            } catch (KafkaException e) {
                if (!isUnknownName(e)) {
                    throw new IllegalArgumentException("kafka: " + reason(e), e);
                }
                pause(brokers + " has no name that is known yet: " + reason(e));
            }
        }
    }

    private void topics(Admin admin) throws InterruptedException, ExecutionException {
        Set<String> lacking;
        while (!(lacking = lacking(admin.listTopics().names().get())).isEmpty()) {
            pause(brokers
                    + " lacks topics (postbrake topics create makes them), or this user may not see them (postbrake topics acls"
                    + " prints what it needs): " + String.join(", ", lacking));
        }
        var together = List.of(Topics.FINDINGS.name(), Topics.OVERRIDES.name(), Topics.PROFILES.name());
        var different = new TreeMap<String, Integer>();
        admin.describeTopics(together).allTopicNames().get().forEach((name, topic) -> {
            if (topic.partitions().size() != partitions) {
                different.put(name, topic.partitions().size());
            }
        });
        if (!different.isEmpty()) {
            throw new IllegalArgumentException("partitions is " + partitions + ", but these topics have others: "
                    + different + "; give their number, the same for all");
        }
    }

    private Set<String> lacking(Set<String> there) {
        Set<String> lacking = new TreeSet<>(Set.of(Topics.DEAD_LETTER));
        if (rawLines) {
            lacking.add(Topics.RAW_LINES);
        }
        Topics.ofDetector().forEach(topic -> lacking.add(topic.name()));
        lacking.removeAll(there);
        return lacking;
    }

    /** Time-outs pass; so do refused credentials and rights, which somebody grants while we wait. */
    private static boolean passes(Throwable cause) {
        return cause instanceof RetriableException
                || cause instanceof AuthenticationException
                || cause instanceof AuthorizationException;
    }

    /** A service's name may be unknown until its first instance runs. */
    private static boolean isUnknownName(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof ConfigException
                    && String.valueOf(t.getMessage()).startsWith("No resolvable bootstrap urls")) {
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable e) {
        return e.getCause() instanceof KafkaException cause ? cause.getMessage() : e.getMessage();
    }

    private void pause(String what) throws InterruptedException {
        long now = System.nanoTime();
        if (!what.equals(missing) || now - toldAt > REMINDER.toNanos()) {
            LOG.warn("{}; waiting", what);
            missing = what;
            toldAt = now;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
}
