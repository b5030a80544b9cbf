package io.postbrake.local;

import io.postbrake.agent.ConnectorSection;
import io.postbrake.agent.Receivers;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.wire.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The connectors of a single machine: what it sets itself, and what its file says beside. */
final class LocalConnectors {

    static final String LOGS = "log.paths";

    /** Settings that have a key of their own in the file, or follow from others. */
    private static final Map<String, String> INSTEAD = Map.of(
            "source." + LOGS,
            "log",
            "source.host.id",
            "host",
            "source.state.dir",
            "data",
            "enforcer.policy.map.path",
            "map",
            "enforcer.policy.host.id",
            "host",
            "enforcer.policy.log.paths",
            "log",
            "enforcer.policy.postfix.config.directories",
            "postfix",
            "enforcer.policy.registry.url",
            "registry.url",
            "enforcer.policy.bootstrap.servers",
            "broker.port");

    private final ClusterAccess cluster;

    LocalConnectors(ClusterAccess cluster) {
        this.cluster = cluster;
    }

    /** Tells {@code file} what is wrong with the connectors' settings in it. */
    static void check(Settings file, LocalConfig config) {
        // Where they will be is known when they run.
        var connectors = new LocalConnectors(
                new ClusterAccess(Map.of("bootstrap.servers", "127.0.0.1:1"), "http://127.0.0.1:1", Map.of()));
        for (LocalConfig.Host host : config.hosts()) {
            ConnectorSection.SOURCE.check(file, host.source(), connectors.source(host, config.dataDir()));
            if (host.map() != null) {
                ConnectorSection.ENFORCER.check(file, host.enforcer(), connectors.enforcer(host));
            }
        }
        config.receivers()
                .forEach((name, own) -> ConnectorSection.ALERTS.check(
                        file, Receivers.section(name), own, connectors.alerts(name, own, -1)));
    }

    /**
     * Whether all is said where this machine's file has it.
     *
     * @throws IllegalArgumentException naming the key to use instead
     */
    static boolean refuseOwn(Map<String, String> source, Map<String, String> enforcer) {
        source.keySet().forEach(key -> refuseOwn("source." + key));
        enforcer.keySet().forEach(key -> refuseOwn("enforcer." + key));
        return true;
    }

    private static void refuseOwn(String key) {
        if (INSTEAD.containsKey(key)) {
            throw new IllegalArgumentException(
                    key + " follows from '" + INSTEAD.get(key) + "' in a single machine's file: give that");
        }
    }

    /** The shipper's, whose checkpoints are in {@code state}. */
    Map<String, String> source(LocalConfig.Host host, Path state) {
        Map<String, String> c = new HashMap<>();
        c.put("topic", Topics.MAIL_EVENTS.name());
        c.put("report.topic", Topics.ENFORCEMENT.name());
        c.put("poll.interval.ms", "10");
        c.put("producer.override.client.id", "postbrake-shipper-" + host.id());
        c.putAll(host.source());
        c.put("name", "postfix-source-" + host.id());
        c.put("connector.class", "io.postbrake.postfixsource.PostfixSourceConnector");
        c.put("tasks.max", "1");
        c.put("host.id", host.id());
        c.put(LOGS, host.logs());
        c.put("state.dir", state.toString());
        return c;
    }

    Map<String, String> enforcer(LocalConfig.Host host) {
        Map<String, String> c = sink(
                "policy-sink-" + host.id(),
                "io.postbrake.policysink.PolicySinkConnector",
                Topics.BLOCKS.name() + "," + Topics.OVERRIDES.name());
        c.put("consumer.override.client.id", "postbrake-enforcer-" + host.id());
        c.putAll(ConnectorSection.readingOf(host.source()));
        cluster.kafka().forEach((key, value) -> {
            c.put("policy.consumer." + key, value);
            c.put("policy.producer." + key, value);
        });
        cluster.registry().forEach((key, value) -> c.put("policy.registry." + key, value));
        c.putAll(host.enforcer());
        c.put("policy.bootstrap.servers", bootstrap());
        c.put("policy.map.path", host.map().toString());
        c.put(
                "policy.postfix.config.directories",
                host.postfix() == null ? "" : host.postfix().toString());
        c.put("policy.host.id", host.id());
        c.put("policy.log.paths", host.logs());
        c.put("policy.registry.url", cluster.registryUrl());
        return c;
    }

    /** Who tells {@code receiver}. Links of incidents open the console at {@code consolePort}, unless it is below 1. */
    Map<String, String> alerts(String receiver, Map<String, String> settings, int consolePort) {
        Map<String, String> c = sink(
                Receivers.connector(receiver),
                "io.postbrake.alertmanagersink.AlertmanagerSinkConnector",
                Topics.ALERTS.name());
        c.put("alerts.bootstrap.servers", bootstrap());
        cluster.kafka().forEach((key, value) -> c.put("alerts.consumer." + key, value));
        if (consolePort > 0) {
            c.put("alerts.console.url", "http://127.0.0.1:" + consolePort + "/");
        }
        c.putAll(settings);
        return c;
    }

    private String bootstrap() {
        return cluster.kafka().get("bootstrap.servers");
    }

    private static Map<String, String> sink(String name, String connector, String topics) {
        Map<String, String> c = new LinkedHashMap<>();
        c.put("name", name);
        c.put("connector.class", connector);
        c.put("tasks.max", "1");
        c.put("topics", topics);
        c.put("consumer.override.isolation.level", "read_committed");
        c.put("consumer.override.auto.offset.reset", "earliest");
        c.put("consumer.override.group.instance.id", "postbrake-" + name);
        c.put("errors.tolerance", "all");
        c.put("errors.deadletterqueue.topic.name", Topics.DEAD_LETTER);
        c.put("errors.deadletterqueue.topic.replication.factor", "1");
        c.put("errors.deadletterqueue.context.headers.enable", "true");
        return c;
    }
}
