package io.postbrake.wire;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the catalogue's topics, or tells how a cluster's topics differ from it. */
public final class TopicAdmin {
    /** Partitions of each topic unless told otherwise. */
    public static final int DEFAULT_PARTITIONS = 12;

    private static final String CLEANUP = "cleanup.policy";
    private static final String RETENTION = "retention.ms";

    private final Admin admin;
    private final int partitions;
    private final short replication;
    private final boolean rawLines;

    private static final int ANY = 0;

    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(10);
    /** A subject's task reads its partition of each of them. */
    private static final List<Topic<?>> TOGETHER = List.of(Topics.FINDINGS, Topics.OVERRIDES, Topics.PROFILES);

    /** A {@code replication} of -1 stands for the broker's default. */
    public TopicAdmin(Admin admin, int partitions, short replication) {
        this(admin, partitions, replication, false);
    }

    /** The same, with the topic of raw lines when {@code rawLines} is true. */
    public TopicAdmin(Admin admin, int partitions, short replication, boolean rawLines) {
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "topics.partitions=" + partitions + " must be 1 or more, for example " + DEFAULT_PARTITIONS);
        }
        this.admin = admin;
        this.partitions = partitions;
        this.replication = replication;
        this.rawLines = rawLines;
    }

    private TopicAdmin(Admin admin, boolean rawLines) {
        this.admin = admin;
        this.partitions = ANY;
        this.replication = -1;
        this.rawLines = rawLines;
    }

    /** One to {@link #check} topics that others made: only those that are read together must have as many partitions. */
    public static TopicAdmin ofAnyPartitions(Admin admin, boolean rawLines) {
        return new TopicAdmin(admin, rawLines);
    }

    /** Default partitions and the broker's default replication. */
    public TopicAdmin(Admin admin) {
        this(admin, DEFAULT_PARTITIONS, (short) -1);
    }

    /** Creates what is missing and leaves what is there; returns the names of the new topics. */
    public List<String> create() {
        Set<String> there = await(admin.listTopics().names());
        List<String> created = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> wanted : settings(rawLines).entrySet()) {
            if (!there.contains(wanted.getKey())) {
                NewTopic topic = new NewTopic(wanted.getKey(), partitions, replication).configs(wanted.getValue());
                try {
                    await(admin.createTopics(List.of(topic)).all());
                    created.add(wanted.getKey());
                } catch (TopicExistsException e) {
                    continue; // somebody else was faster
                }
            }
        }
        awaitVisible(created);
        return created;
    }

    /** A controller says that a topic is made before every broker knows of it. */
    private void awaitVisible(List<String> created) {
        long end = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (!await(admin.listTopics().names()).containsAll(created) && System.nanoTime() < end) {
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    /** What differs, one sentence each; empty when all is as the catalogue says. */
    public List<String> check() {
        List<String> problems = new ArrayList<>();
        Map<String, Integer> counts = new TreeMap<>();
        Set<String> there = await(admin.listTopics().names());
        for (Map.Entry<String, Map<String, String>> wanted : settings(rawLines).entrySet()) {
            String name = wanted.getKey();
            if (!there.contains(name)) {
                problems.add("topic " + name + " is missing: create the topics");
                continue;
            }
            TopicDescription description =
                    await(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
            counts.put(name, description.partitions().size());
            if (partitions != ANY && description.partitions().size() != partitions) {
                problems.add("topic " + name + " has "
                        + description.partitions().size() + " partitions, wanted are " + partitions);
            }
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
            Config config =
                    await(admin.describeConfigs(List.of(resource)).all()).get(resource);
            wanted.getValue().forEach((key, value) -> {
                ConfigEntry entry = config.get(key);
                if (entry == null || !value.equals(entry.value())) {
                    problems.add("topic " + name + " has " + key + "=" + (entry == null ? null : entry.value())
                            + ", wanted is " + value);
                }
            });
        }
        if (partitions == ANY) {
            counts.keySet().retainAll(TOGETHER.stream().map(Topic::name).toList());
            if (Set.copyOf(counts.values()).size() > 1) {
                problems.add("these topics must have as many partitions as each other: " + counts);
            }
        }
        return problems;
    }

    /** Settings of every topic by its name, as brokers take them; the topic of raw lines on request. */
    public static Map<String, Map<String, String>> settings(boolean rawLines) {
        Map<String, Map<String, String>> wanted = new LinkedHashMap<>();
        for (Topic<?> topic : Topics.all()) {
            wanted.put(topic.name(), configs(topic.cleanupPolicy(), topic.retention()));
        }
        if (rawLines) {
            // Others' shippers stamp records with the time in the line, and brokers refuse one that is far ahead.
            Map<String, String> raw = new HashMap<>(configs("delete", Topics.RAW_LINES_RETENTION));
            raw.put("message.timestamp.type", "LogAppendTime");
            wanted.put(Topics.RAW_LINES, raw);
        }
        wanted.put(Topics.DEAD_LETTER, configs("delete", Topics.DEAD_LETTER_RETENTION));
        return wanted;
    }

    private static Map<String, String> configs(String cleanup, Duration retention) {
        return Map.of(CLEANUP, cleanup, RETENTION, Long.toString(retention.toMillis()));
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException cause) {
                throw cause;
            }
            throw new KafkaException("the cluster refused a request about topics", e.getCause());
        }
    }
}
