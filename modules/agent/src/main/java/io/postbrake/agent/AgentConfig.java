package io.postbrake.agent;

import io.postbrake.policyserver.PolicyServerConfig;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.wire.PostbrakeConverter;
import io.postbrake.wire.RenewingSslEngineFactory;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.storage.StringConverter;

/**
 * The settings of a mail host's agent.
 *
 * @param hostId id of this mail host in every event, unique in the fleet
 * @param cluster how to reach brokers and registry
 * @param stateDir durable state of shipper and worker
 * @param source the shipper's own settings, empty when nothing is shipped
 * @param enforcer the enforcer's own settings, empty when nothing is enforced
 * @param receivers settings of each who is told of incidents, by name, empty when nobody is
 * @param quotas what Postfix is answered while mail is handed in; null when it does not ask
 * @param httpHost address of health and metrics
 * @param httpPort port of health and metrics; 0 takes any, negative serves none
 */
public record AgentConfig(
        String hostId,
        ClusterAccess cluster,
        Path stateDir,
        Map<String, String> source,
        Map<String, String> enforcer,
        Map<String, Map<String, String>> receivers,
        PolicyServerConfig quotas,
        String httpHost,
        int httpPort) {

    /** Among paths of logs: those of the pods of this node. */
    private static final String PODS = "pods";

    public AgentConfig {
        source = Map.copyOf(source);
        enforcer = Map.copyOf(enforcer);
        receivers = Receivers.copy(receivers);
    }

    /**
     * Reads the YAML file {@code file}; {@code hostIdOrNull} stands over its {@code host.id}.
     *
     * @throws IllegalArgumentException naming each key that is wrong, its value and what would be right
     */
    public static AgentConfig read(Path file, String hostIdOrNull) throws IOException {
        Settings settings = Settings.read(file).collecting();
        AgentConfig config = of(settings, hostIdOrNull);
        settings.check();
        return config;
    }

    /**
     * Reads {@code settings}; problems are kept where the settings keep them.
     *
     * @throws IllegalArgumentException naming key, value and what would be right, when the settings do not
     */
    public static AgentConfig of(Settings settings, String hostIdOrNull) {
        String given = settings.textOr("host.id", "");
        String hostId = hostIdOrNull == null ? given : hostIdOrNull;
        if (hostId.isBlank()) {
            settings.problem("host.id is missing: give a short name of this mail host, unique in the fleet");
        }
        var config = new AgentConfig(
                hostId,
                renewing(ClusterAccess.of(settings)),
                settings.path("state.dir", Path.of("/var/lib/postbrake/agent")),
                KeptElsewhere.found(
                        settings,
                        "source",
                        ConnectorSection.SOURCE,
                        settings.section("source").strings()),
                KeptElsewhere.found(
                        settings,
                        "enforcer",
                        ConnectorSection.ENFORCER,
                        settings.section("enforcer").strings()),
                Receivers.of(settings),
                PolicyServerConfig.of(settings),
                settings.textOr("http.host", "127.0.0.1"),
                settings.number("http.port", 9405, -1, 65535));
        settings.noOthers();
        if (config.source.isEmpty()
                && config.enforcer.isEmpty()
                && config.receivers.isEmpty()
                && config.quotas == null) {
            settings.problem("neither source, enforcer, quotas, alerts nor receivers is given: give source.log.paths to"
                    + " ship logs, enforcer.policy.map.path to refuse blocked accounts, quotas.limits to refuse what is"
                    + " beyond a ceiling, alerts.alertmanager.urls to tell of incidents, or several");
        }
        if (config.readsPods() && !config.enforcer.isEmpty()) {
            settings.problem("source.log.paths has " + PODS + ", and enforcer is given: an agent that reads the logs of"
                    + " pods ships only, as their Postfix sees none of its tables; run another agent for this host");
        }
        if (!config.source.isEmpty()) {
            ConnectorSection.SOURCE.check(settings, config.source, config.sourceConnector());
        }
        if (!config.enforcer.isEmpty()) {
            ConnectorSection.ENFORCER.check(settings, config.enforcer, config.sinkConnector());
        }
        config.receivers.forEach((name, own) ->
                ConnectorSection.ALERTS.check(settings, Receivers.section(name), own, config.alertConnector(name)));
        return config;
    }

    private static ClusterAccess renewing(ClusterAccess given) {
        Map<String, String> kafka = new LinkedHashMap<>(given.kafka());
        RenewingSslEngineFactory.offerTo(kafka);
        return new ClusterAccess(kafka, given.registryUrl(), given.registry());
    }

    /** The Connect worker's settings. */
    Map<String, String> worker() {
        Map<String, String> worker = new LinkedHashMap<>();
        cluster.kafka().forEach((key, value) -> {
            worker.put(key, value);
            if (concernsAllClients(key)) {
                worker.put("producer." + key, value);
                worker.put("consumer." + key, value);
                worker.put("admin." + key, value);
            }
        });
        worker.put(
                "offset.storage.file.filename",
                stateDir.resolve("connect.offsets").toString());
        worker.putIfAbsent("offset.flush.interval.ms", "60000");
        worker.put("key.converter", StringConverter.class.getName());
        worker.put("value.converter", PostbrakeConverter.class.getName());
        cluster.registry().forEach((key, value) -> worker.put("value.converter." + key, value));
        worker.put("value.converter.schema.registry.url", cluster.registryUrl());
        worker.putIfAbsent("producer.linger.ms", "0");
        worker.putIfAbsent("producer.compression.type", "lz4");
        // Nothing waits for a batch to fill, but of a backlog each request takes more.
        worker.putIfAbsent("producer.batch.size", Integer.toString(128 << 10));
        quietWhenIdle(worker);
        return worker;
    }

    private static boolean concernsAllClients(String key) {
        return !key.startsWith("producer.") && !key.startsWith("consumer.") && !key.startsWith("admin.");
    }

    /**
     * A thousand idle agents must not keep a cluster busy: blocks still arrive at once, since one byte ends a fetch. A fetch
     * that waits also holds up the end of its consumer, for which Connect has a patience of 5 s.
     */
    private static void quietWhenIdle(Map<String, String> worker) {
        worker.putIfAbsent("consumer.fetch.min.bytes", "1");
        worker.putIfAbsent("consumer.fetch.max.wait.ms", "4000");
        worker.putIfAbsent("consumer.session.timeout.ms", "45000");
        worker.putIfAbsent("consumer.heartbeat.interval.ms", "10000");
        worker.putIfAbsent("consumer.reconnect.backoff.max.ms", "10000");
        worker.putIfAbsent("producer.reconnect.backoff.max.ms", "10000");
        worker.putIfAbsent("producer.buffer.memory", "8388608");
        worker.putIfAbsent("consumer.receive.buffer.bytes", "65536");
    }

    private boolean readsPods() {
        return Stream.of(source.getOrDefault("log.paths", "").split(","))
                .map(String::strip)
                .anyMatch(path -> path.equals(PODS) || path.startsWith(PODS + ":"));
    }

    Map<String, String> sourceConnector() {
        Map<String, String> c = new LinkedHashMap<>();
        c.put("state.dir", stateDir.resolve("shipper").toString());
        c.put("topic", Topics.MAIL_EVENTS.name());
        if (!enforcer.isEmpty() || readsPods()) {
            // The enforcer reports with the same rights; and of a pod that ended nobody else could say so.
            c.put("report.topic", Topics.ENFORCEMENT.name());
        }
        c.put("producer.override.client.id", "postbrake-shipper-" + hostId);
        c.putAll(source);
        c.put("name", "postfix-source-" + hostId);
        c.put("connector.class", "io.postbrake.postfixsource.PostfixSourceConnector");
        c.put("tasks.max", "1");
        c.put("host.id", hostId);
        return c;
    }

    Map<String, String> sinkConnector() {
        Map<String, String> c = new LinkedHashMap<>();
        c.put("topics", Topics.BLOCKS.name() + "," + Topics.OVERRIDES.name());
        c.put("consumer.override.isolation.level", "read_committed");
        c.put("consumer.override.auto.offset.reset", "earliest");
        c.put("consumer.override.client.id", "postbrake-enforcer-" + hostId);
        // Without it, one that was killed would be waited for by the group when it is started again.
        c.put("consumer.override.group.instance.id", "postbrake-enforcer-" + hostId);
        c.put("errors.tolerance", "all");
        c.put("errors.deadletterqueue.topic.name", Topics.DEAD_LETTER);
        c.put("errors.deadletterqueue.context.headers.enable", "true");
        cluster.kafka().forEach((key, value) -> {
            if (concernsAllClients(key)) {
                c.put("policy.consumer." + key, value);
                c.put("policy.producer." + key, value);
            }
        });
        cluster.registry().forEach((key, value) -> c.put("policy.registry." + key, value));
        c.put("policy.registry.url", cluster.registryUrl());
        c.put("policy.host.id", hostId);
        c.put("policy.log.paths", source.getOrDefault("log.paths", ""));
        c.putAll(ConnectorSection.readingOf(source));
        c.put("policy.bootstrap.servers", brokers());
        c.putAll(enforcer);
        c.put("name", "policy-sink-" + hostId);
        c.put("connector.class", "io.postbrake.policysink.PolicySinkConnector");
        c.put("tasks.max", "1");
        return c;
    }

    private String brokers() {
        return cluster.kafka().getOrDefault("bootstrap.servers", "");
    }

    /** The connector that tells the receiver of this name. */
    Map<String, String> alertConnector(String receiver) {
        Map<String, String> c = new LinkedHashMap<>();
        c.put("topics", Topics.ALERTS.name());
        c.put("consumer.override.isolation.level", "read_committed");
        c.put("consumer.override.auto.offset.reset", "earliest");
        c.put(
                "consumer.override.group.instance.id",
                "postbrake-alerts-" + hostId + (receiver.isEmpty() ? "" : "-" + receiver));
        c.put("errors.tolerance", "all");
        c.put("errors.deadletterqueue.topic.name", Topics.DEAD_LETTER);
        c.put("errors.deadletterqueue.context.headers.enable", "true");
        cluster.kafka().forEach((key, value) -> {
            if (concernsAllClients(key)) {
                c.put("alerts.consumer." + key, value);
            }
        });
        c.put("alerts.bootstrap.servers", brokers());
        c.putAll(receivers.get(receiver));
        c.put("name", Receivers.connector(receiver));
        c.put("connector.class", "io.postbrake.alertmanagersink.AlertmanagerSinkConnector");
        c.put("tasks.max", "1");
        return c;
    }

    /** Leaves out every client setting: they may hold secrets. */
    @Override
    public String toString() {
        return "AgentConfig[" + hostId + ", " + cluster + "]";
    }
}
