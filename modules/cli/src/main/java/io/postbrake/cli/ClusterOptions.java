package io.postbrake.cli;

import io.postbrake.app.DetectorConfig;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which cluster and registry a command talks to. */
final class ClusterOptions {

    static final String PATIENCE_MS = "15000";
    private static final Path DATA = Path.of("/var/lib/postbrake");
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client (security too) and, with the prefix schema.registry., of the"
                    + " registry client; or the YAML file of up, a detector or an agent.")
    private Path config;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "Brokers; default 127.0.0.1:19092.")
    private String bootstrap;

    @Option(names = "--registry", paramLabel = "URL", description = "Schema Registry; default http://127.0.0.1:18081.")
    private String registry;

    static ClusterOptions of(Path configOrNull, String bootstrap, String registry) {
        var options = new ClusterOptions();
        options.config = configOrNull;
        options.bootstrap = bootstrap;
        options.registry = registry;
        return options;
    }

    /** Settings for any Kafka client. */
    Map<String, Object> kafka() throws IOException {
        Map<String, Object> result = new HashMap<>();
        properties().forEach((key, value) -> {
            if (!key.startsWith(ClusterAccess.REGISTRY)) {
                result.put(key, value);
            }
        });
        if (bootstrap != null) {
            result.put("bootstrap.servers", bootstrap);
        }
        result.putIfAbsent("bootstrap.servers", "127.0.0.1:19092");
        // Somebody waits at a terminal: Kafka's own minute is too long to be told of a wrong address.
        result.putIfAbsent("request.timeout.ms", PATIENCE_MS);
        result.putIfAbsent("default.api.timeout.ms", PATIENCE_MS);
        return result;
    }

    SchemaRegistry registry() throws IOException {
        Map<String, String> settings = new HashMap<>();
        properties().forEach((key, value) -> {
            if (key.startsWith(ClusterAccess.REGISTRY)) {
                settings.put(key.substring(ClusterAccess.REGISTRY.length()), value);
            }
        });
        String url = settings.remove("url");
        if (registry != null) {
            url = registry;
        }
        return ConfluentSchemaRegistry.connect(url == null ? "http://127.0.0.1:18081" : url, settings, PATIENCE);
    }

    /** Partitions of the topics that are keyed by subject, as the file says; null when nothing does. */
    Integer partitions() throws IOException {
        if (config == null || !isYaml()) {
            return null;
        }
        Settings file = Settings.read(config);
        return isOfUp(file) ? Integer.valueOf(LocalStack.PARTITIONS) : DetectorConfig.partitions(file);
    }

    private boolean isYaml() {
        return config.toString().matches(".*\\.ya?ml");
    }

    /** A single machine's file names no cluster: it has its own. */
    private static boolean isOfUp(Settings file) {
        return !file.has("kafka") && !file.has("client.file");
    }

    /** Whoever names another broker or registry than this machine's does not want to show them its secret. */
    private Map<String, String> ofThisMachine() throws IOException {
        if (bootstrap != null && isClosed(DATA)) {
            return Map.of(); // Whether anything of ours is in there cannot be seen, and is not asked for.
        }
        Map<String, String> own = ofUp(DATA);
        boolean other = (bootstrap != null && !bootstrap.equals(own.get("bootstrap.servers")))
                || (registry != null && !registry.equals(own.get(ClusterAccess.REGISTRY + "url")));
        return other ? Map.of() : own;
    }

    private static Map<String, String> ofUp(Path data) throws IOException {
        Path file = ClusterAccess.clientFile(data);
        for (Path directory : List.of(data, file.getParent())) {
            if (isClosed(directory)) {
                throw new IllegalArgumentException(directory + " is its owner's alone: run this as root or as the user"
                        + " of `postbrake up`, or name another cluster with --config");
            }
        }
        return Files.exists(file) ? ClusterAccess.properties(file) : Map.of();
    }

    private static boolean isClosed(Path directory) {
        return Files.isDirectory(directory) && !Files.isExecutable(directory);
    }

    private Map<String, String> properties() throws IOException {
        if (config == null) {
            return ofThisMachine();
        }
        if (!isYaml()) {
            return ClusterAccess.properties(config);
        }
        Settings file = Settings.read(config);
        if (isOfUp(file)) {
            // The file of up names no cluster: its own lets in who may read this one.
            Map<String, String> own = ofUp(Path.of(file.textOr("data", DATA.toString())));
            if (!own.isEmpty()) {
                return own;
            }
        }
        ClusterAccess access = isOfUp(file) ? LocalConfig.access(file) : ClusterAccess.of(file);
        Map<String, String> result = new HashMap<>(access.kafka());
        access.registry().forEach((key, value) -> result.put(ClusterAccess.REGISTRY + key, value));
        result.put(ClusterAccess.REGISTRY + "url", access.registryUrl());
        return result;
    }
}
