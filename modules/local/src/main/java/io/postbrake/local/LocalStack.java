package io.postbrake.local;

import io.postbrake.agent.ConnectMetrics;
import io.postbrake.agent.ConnectWorker;
import io.postbrake.agent.FleetCounts;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.embedded.Login;
import io.postbrake.policyserver.PolicyServer;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.PortTaken;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.PostbrakeConverter;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.connect.storage.StringConverter;

/** Broker, registry, detector, shipper and enforcer in one JVM, with durable data. */
public final class LocalStack implements AutoCloseable {

    /** One partition is plenty on one machine, and keeps every subject in one task. */
    public static final int PARTITIONS = 1;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ClusterAccess access;
    private final Path clientFile;
    private final Detector detector;

    private LocalStack(LocalConfig config, boolean enforce, Consumer<String> progress) throws Exception {
        try {
            var dir = PrivateData.open(config.dataDir(), config.hosts());
            // First, and whatever the others wait for: Postfix asks it for each recipient.
            PolicyServer quotas = config.quotas() == null
                    ? null
                    : started(PolicyServer.start(config.quotas(), dir.directory("quotas")));
            Login login = dir.login();
            progress.accept("broker");
            Path brokerData = dir.directory("broker");
            EmbeddedBroker broker = started(PortTaken.named(
                    "broker.port",
                    config.brokerPort(),
                    () -> EmbeddedBroker.start(brokerData, config.brokerPort(), login)));
            progress.accept("schema registry");
            Path registryData = dir.file("registry.json");
            boolean ownRegistry = config.registryUrl() == null;
            String registryUrl = ownRegistry
                    ? started(PortTaken.named(
                                    "registry.port",
                                    config.registryPort(),
                                    () -> EmbeddedRegistry.start(registryData, config.registryPort(), login)))
                            .url()
                    : config.registryUrl();
            access = access(broker.bootstrapServers(), registryUrl, login, ownRegistry);
            clientFile = dir.publish(access);
            var registry = ConfluentSchemaRegistry.connect(registryUrl, access.registry());
            new SchemaAdmin(registry).register();
            try (Admin admin = Admin.create(new HashMap<>(access.kafka()))) {
                new TopicAdmin(admin, PARTITIONS, (short) 1).create();
            }
            var watch = new FirstWatch(access, registry);
            if (enforce) {
                watch.end();
            } else if (dir.isFresh() && config.watch().compareTo(Duration.ZERO) > 0) {
                watch.begin(config.watch());
            }
            dir.begun();
            progress.accept("detector");
            detector = started(Detector.start(detectorConfig(
                    config, dir.directory("detector"), config.console().closed(dir.consoleToken()))));
            progress.accept("shipper and enforcer");
            var worker = started(new ConnectWorker(worker(dir.file("connect.offsets"))));
            ConnectMetrics.show(detector.metrics());
            detector.alsoAsk(() -> Stream.of(worker.problems(), quotas == null ? List.<String>of() : quotas.problems())
                    .flatMap(List::stream)
                    .toList());
            if (quotas != null && quotas.isShared()) {
                started(FleetCounts.start(config.hosts().get(0).id(), access, quotas));
            }
            var connectors = new LocalConnectors(access);
            for (LocalConfig.Host host : config.hosts()) {
                worker.run(connectors.source(host, dir.directory("shipper-" + host.id())));
                if (host.map() != null) {
                    worker.run(connectors.enforcer(host));
                }
            }
            if (!config.receivers().isEmpty()) {
                progress.accept("alerts");
            }
            config.receivers()
                    .forEach((name, settings) -> worker.run(connectors.alerts(name, settings, consolePort())));
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Starts all parts, telling {@code progress} the name of each as its turn comes. */
    public static LocalStack start(LocalConfig config, Consumer<String> progress) throws Exception {
        return new LocalStack(config, false, progress);
    }

    /** The same; it enforces from now on, even on its first start. */
    public static LocalStack startEnforcing(LocalConfig config, Consumer<String> progress) throws Exception {
        return new LocalStack(config, true, progress);
    }

    /** How clients reach broker and registry; holds the secret. */
    public ClusterAccess access() {
        return access;
    }

    /** The file with these settings, for commands' {@code --config}; its owner's alone. */
    public Path clientFile() {
        return clientFile;
    }

    private static ClusterAccess access(String bootstrapServers, String registryUrl, Login login, boolean ownRegistry) {
        Map<String, String> kafka = new HashMap<>(login.clientSettings());
        kafka.put("bootstrap.servers", bootstrapServers);
        return new ClusterAccess(kafka, registryUrl, ownRegistry ? login.registrySettings() : Map.of());
    }

    /** Whether events are being judged. */
    public boolean ready() {
        return detector.ready();
    }

    /** Loopback port of health and metrics. */
    public int httpPort() {
        return detector.httpPort();
    }

    private DetectorConfig detectorConfig(LocalConfig config, Path state, ConsoleConfig console) {
        return new DetectorConfig(
                DetectorConfig.withState(access.kafka(), "postbrake"),
                access.registryUrl(),
                access.registry(),
                "postbrake-detector",
                state,
                PARTITIONS,
                config.geoFiles(),
                config.lists(),
                config.httpPort(),
                InetAddress.getLoopbackAddress(),
                console,
                config.detection(),
                null);
    }

    private Map<String, String> worker(Path offsets) {
        Map<String, String> worker = new HashMap<>();
        for (String client : List.of("", "producer.", "consumer.", "admin.")) {
            access.kafka().forEach((key, value) -> worker.put(client + key, value));
        }
        worker.put("offset.storage.file.filename", offsets.toString());
        worker.put("offset.flush.interval.ms", "1000");
        worker.put("key.converter", StringConverter.class.getName());
        worker.put("value.converter", PostbrakeConverter.class.getName());
        access.registry().forEach((key, value) -> worker.put("value.converter." + key, value));
        worker.put("value.converter.schema.registry.url", access.registryUrl());
        worker.put("producer.linger.ms", "0");
        // What waits to be sent of a backlog is also kept as objects, ten times as large, until it is acknowledged.
        worker.put("producer.buffer.memory", Integer.toString(4 << 20));
        worker.put("producer.batch.size", Integer.toString(128 << 10));
        worker.put("consumer.fetch.min.bytes", "1");
        return worker;
    }

    /** Loopback port of the console, -1 when not served. */
    public int consolePort() {
        return detector.consolePort();
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
