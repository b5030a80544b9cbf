package io.postbrake.local;

import io.postbrake.agent.ConnectMetrics;
import io.postbrake.agent.ConnectWorker;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.PostbrakeConverter;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.connect.storage.StringConverter;

/** Broker, registry, detector, shipper and enforcer in one JVM, with durable data. */
public final class LocalStack implements AutoCloseable {

    /** One partition is plenty on one machine, and keeps every subject in one task. */
    private static final int PARTITIONS = 1;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final EmbeddedBroker broker;
    private final String registryUrl;
    private final Detector detector;

    private LocalStack(LocalConfig config, Consumer<String> progress) throws Exception {
        try {
            Path data = Files.createDirectories(config.dataDir());
            progress.accept("broker");
            broker = started(EmbeddedBroker.start(data.resolve("broker"), config.brokerPort()));
            progress.accept("schema registry");
            registryUrl = config.registryUrl() != null
                    ? config.registryUrl()
                    : started(EmbeddedRegistry.start(data.resolve("registry.json"), config.registryPort()))
                            .url();
            var registry = ConfluentSchemaRegistry.connect(registryUrl, Map.of());
            new SchemaAdmin(registry).register();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                new TopicAdmin(admin, PARTITIONS, (short) 1).create();
            }
            progress.accept("detector");
            detector = started(Detector.start(detectorConfig(config, data)));
            progress.accept("shipper and enforcer");
            var worker = started(new ConnectWorker(worker(data.resolve("connect.offsets"))));
            ConnectMetrics.show(detector.metrics());
            for (LocalConfig.Host host : config.hosts()) {
                worker.run(source(host, data));
                if (host.map() != null) {
                    worker.run(sink(host));
                }
            }
            if (!config.alerts().isEmpty()) {
                progress.accept("alerts");
                worker.run(alerts(config.alerts()));
            }
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Starts all parts, telling {@code progress} the name of each as its turn comes. */
    public static LocalStack start(LocalConfig config, Consumer<String> progress) throws Exception {
        return new LocalStack(config, progress);
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    public String registryUrl() {
        return registryUrl;
    }

    /** Whether events are being judged. */
    public boolean ready() {
        return detector.ready();
    }

    /** Loopback port of health and metrics. */
    public int httpPort() {
        return detector.httpPort();
    }

    private DetectorConfig detectorConfig(LocalConfig config, Path data) {
        return new DetectorConfig(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                registryUrl,
                Map.of(),
                "postbrake-detector",
                data.resolve("detector"),
                PARTITIONS,
                config.geoFiles(),
                config.httpPort(),
                InetAddress.getLoopbackAddress(),
                config.console(),
                config.detection(),
                null);
    }

    private Map<String, String> worker(Path offsets) {
        Map<String, String> worker = new HashMap<>();
        worker.put("bootstrap.servers", broker.bootstrapServers());
        worker.put("offset.storage.file.filename", offsets.toString());
        worker.put("offset.flush.interval.ms", "1000");
        worker.put("key.converter", StringConverter.class.getName());
        worker.put("value.converter", PostbrakeConverter.class.getName());
        worker.put("value.converter.schema.registry.url", registryUrl);
        worker.put("producer.linger.ms", "0");
        worker.put("consumer.fetch.min.bytes", "1");
        return worker;
    }

    /** Loopback port of the console, -1 when not served. */
    public int consolePort() {
        return detector.consolePort();
    }

    private static Map<String, String> source(LocalConfig.Host host, Path data) throws IOException {
        Path state = Files.createDirectories(data.resolve("shipper-" + host.id()));
        Map<String, String> c = new HashMap<>();
        c.put("name", "postfix-source-" + host.id());
        c.put("connector.class", "io.postbrake.postfixsource.PostfixSourceConnector");
        c.put("tasks.max", "1");
        c.put("host.id", host.id());
        c.put("log.paths", host.log().toString());
        c.put("state.dir", state.toString());
        c.put("topic", Topics.MAIL_EVENTS.name());
        c.put("poll.interval.ms", "10");
        return c;
    }

    private Map<String, String> alerts(Map<String, String> settings) {
        Map<String, String> c = sink(
                "alertmanager-sink", "io.postbrake.alertmanagersink.AlertmanagerSinkConnector", Topics.ALERTS.name());
        c.put("alerts.bootstrap.servers", broker.bootstrapServers());
        if (consolePort() > 0) {
            c.put("alerts.console.url", "http://127.0.0.1:" + consolePort() + "/");
        }
        c.putAll(settings);
        return c;
    }

    private Map<String, String> sink(LocalConfig.Host host) {
        Map<String, String> c = sink(
                "policy-sink-" + host.id(),
                "io.postbrake.policysink.PolicySinkConnector",
                Topics.BLOCKS.name() + "," + Topics.OVERRIDES.name());
        c.put("policy.bootstrap.servers", broker.bootstrapServers());
        c.put("policy.map.path", host.map().toString());
        c.put(
                "policy.postfix.config.directories",
                host.postfix() == null ? "" : host.postfix().toString());
        c.put("policy.host.id", host.id());
        c.put("policy.log.paths", host.log().toString());
        c.put("policy.registry.url", registryUrl);
        return c;
    }

    private static Map<String, String> sink(String name, String connector, String topics) {
        Map<String, String> c = new HashMap<>();
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

    private <T extends AutoCloseable> T started(T part) {
        parts.push(part);
        return part;
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("a part did not stop cleanly", e) : failure;
                failure.addSuppressed(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
