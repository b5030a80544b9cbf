package io.postbrake.app;

import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.DetectionConfig;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.streams.RawLines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

/**
 * The detector's settings.
 *
 * @param kafka client settings for broker, security and Streams, as Kafka names them; {@code bootstrap.servers} is needed
 * @param registryUrl URL of a Confluent-compatible Schema Registry
 * @param registryProperties the registry client's own settings, such as basic auth; may hold secrets
 * @param applicationId Streams application id, also the prefix of its internal topics
 * @param stateDir directory for local state
 * @param partitions partition count of the topics that are keyed by subject
 * @param geoFiles MaxMind DB files, none for a pipeline without geography
 * @param httpPort port for health and metrics; 0 takes any, negative serves none
 * @param httpAddress address for health and metrics, loopback unless told otherwise
 * @param console the page for whoever is on call
 * @param detection what the detectors hold against whom
 * @param rawLines how lines are read that others ship to the topic of raw lines; null leaves that topic alone
 */
public record DetectorConfig(
        Map<String, String> kafka,
        String registryUrl,
        Map<String, String> registryProperties,
        String applicationId,
        Path stateDir,
        int partitions,
        List<Path> geoFiles,
        int httpPort,
        InetAddress httpAddress,
        ConsoleConfig console,
        DetectionConfig detection,
        RawLines rawLines) {

    /** Without a console and the topic of raw lines, health and metrics on loopback. */
    public DetectorConfig(
            Map<String, String> kafka,
            String registryUrl,
            Map<String, String> registryProperties,
            String applicationId,
            Path stateDir,
            int partitions,
            List<Path> geoFiles,
            int httpPort,
            DetectionConfig detection) {
        this(
                kafka,
                registryUrl,
                registryProperties,
                applicationId,
                stateDir,
                partitions,
                geoFiles,
                httpPort,
                InetAddress.getLoopbackAddress(),
                ConsoleConfig.off(),
                detection,
                null);
    }

    static final Set<String> KEYS = Set.of(
            "client.file",
            "kafka",
            "registry",
            "standby.replicas",
            "state.store",
            "application.id",
            "state.dir",
            "partitions",
            "geo.files",
            "http.port",
            "http.host",
            "console",
            "detection",
            "raw.lines",
            "raw.lines.zone",
            "raw.lines.generation",
            "raw.lines.recipients.kept",
            "raw.lines.recipients.key.file");

    /**
     * Reads the YAML file {@code file}.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static DetectorConfig read(Path file) throws IOException {
        return of(DetectionFile.yaml(file), file);
    }

    /** The same for an instance that others reach as {@code advertised} (host:port), whatever the file says of that. */
    public static DetectorConfig read(Path file, String advertised) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>(DetectionFile.yaml(file));
        Map<String, Object> console = new LinkedHashMap<>();
        if (map.get("console") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> console.put(String.valueOf(key), value));
        }
        console.put("advertised", advertised);
        map.put("console", console);
        return of(map, file);
    }

    private static DetectorConfig of(Map<String, Object> map, Path file) throws IOException {
        for (String key : map.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("unknown key '" + key + "': known are "
                        + KEYS.stream().sorted().toList());
            }
        }
        ClusterAccess cluster = ClusterAccess.of(Settings.of(map));
        Map<String, String> kafka = new LinkedHashMap<>(cluster.kafka());
        kafka.putIfAbsent("num.standby.replicas", String.valueOf(number(map, "standby.replicas", 0, 0, 10)));
        kafka.putIfAbsent(
                StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
                profileStore(map).getName());
        List<Path> geo = new ArrayList<>();
        if (map.get("geo.files") instanceof List<?> files) {
            files.forEach(f -> geo.add(Path.of(String.valueOf(f))));
        } else if (map.get("geo.files") != null) {
            throw new IllegalArgumentException(
                    "geo.files is '" + map.get("geo.files") + "': give a list of MaxMind DB files");
        }
        return new DetectorConfig(
                kafka,
                cluster.registryUrl(),
                cluster.registry(),
                String.valueOf(map.getOrDefault("application.id", "postbrake-detector")),
                Path.of(String.valueOf(map.getOrDefault("state.dir", "/var/lib/postbrake/detector"))),
                number(map, "partitions", 12, 1, 1000),
                List.copyOf(geo),
                number(map, "http.port", 9404, -1, 65535),
                address(map, "http.host"),
                ConsoleConfig.of(map, System.getenv()),
                DetectionFile.section(map, file),
                rawLines(map));
    }

    private static Class<?> profileStore(Map<String, Object> map) {
        Object store = map.getOrDefault("state.store", "memory");
        return switch (String.valueOf(store)) {
            case "memory" -> BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class;
            case "disk" -> BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class;
            default ->
                throw new IllegalArgumentException("state.store is '" + store
                        + "': give memory, or disk to keep profiles in state.dir through restarts");
        };
    }

    private static RawLines rawLines(Map<String, Object> map) {
        Object on = map.getOrDefault("raw.lines", false);
        if (!(on instanceof Boolean)) {
            throw new IllegalArgumentException("raw.lines is '" + on + "': give true or false");
        }
        String zone = String.valueOf(map.getOrDefault("raw.lines.zone", "UTC"));
        try {
            var lines = new RawLines(
                    ZoneId.of(zone), number(map, "raw.lines.generation", 0, 0, Integer.MAX_VALUE), recipients(map));
            return (Boolean) on ? lines : null;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "raw.lines.zone is '" + zone + "': give a zone such as Europe/Berlin or +02:00", e);
        }
    }

    private static RecipientPolicy recipients(Map<String, Object> map) {
        String kept = String.valueOf(map.getOrDefault("raw.lines.recipients.kept", "full"));
        Object key = map.get("raw.lines.recipients.key.file");
        try {
            return RecipientPolicy.of(kept, key == null ? null : Path.of(key.toString()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "raw.lines.recipients.kept is '" + kept + "', raw.lines.recipients.key.file is '" + key + "': "
                            + e.getMessage(),
                    e);
        }
    }

    private static int number(Map<String, Object> map, String key, int fallback, int least, int most) {
        Object value = map.getOrDefault(key, fallback);
        if (value instanceof Integer n && n >= least && n <= most) {
            return n;
        }
        throw new IllegalArgumentException(
                key + " is '" + value + "': give a whole number from " + least + " to " + most);
    }

    private static InetAddress address(Map<String, Object> map, String key) {
        Object value = map.get(key);
        try {
            return value == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(String.valueOf(value));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(key + " is '" + value + "': give an address of this machine", e);
        }
    }

    /** Leaves out every client setting: they may hold secrets. */
    @Override
    public String toString() {
        return "DetectorConfig[" + applicationId + ", registry " + registryUrl + ", " + partitions + " partitions]";
    }
}
