package io.postbrake.local;

import io.postbrake.app.DetectionFile;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.DetectionConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything on one machine.
 *
 * @param hosts the mail hosts whose logs are read here; usually one
 * @param dataDir durable data of broker, registry, detector and connectors
 * @param brokerPort loopback port of the broker, 0 for any
 * @param registryPort loopback port of the embedded registry, 0 for any
 * @param registryUrl an own registry to use; null for the embedded one
 * @param httpPort loopback port of health and metrics, 0 for any, negative for none
 * @param console the page for whoever is on call
 * @param geoFiles MaxMind DB files
 * @param detection the detectors' settings
 * @param alerts settings of the sink that tells Alertmanager or a webhook; empty to tell nobody
 */
public record LocalConfig(
        List<Host> hosts,
        Path dataDir,
        int brokerPort,
        int registryPort,
        String registryUrl,
        int httpPort,
        ConsoleConfig console,
        List<Path> geoFiles,
        DetectionConfig detection,
        Map<String, String> alerts) {

    /**
     * One mail host.
     *
     * @param id its id in every event
     * @param log its Postfix log
     * @param map the policy map to keep; null only watches
     * @param postfix configuration directory of the Postfix that consults the map; null when none here does
     */
    public record Host(String id, Path log, Path map, Path postfix) {

        /** A host whose Postfix is elsewhere, if anywhere. */
        public Host(String id, Path log, Path map) {
            this(id, log, map, null);
        }
    }

    private static final Path POSTFIX = Path.of("/etc/postfix");

    /** A machine without a console, and nobody is told of incidents. */
    public LocalConfig(
            List<Host> hosts,
            Path dataDir,
            int brokerPort,
            int registryPort,
            String registryUrl,
            int httpPort,
            List<Path> geoFiles,
            DetectionConfig detection) {
        this(
                hosts,
                dataDir,
                brokerPort,
                registryPort,
                registryUrl,
                httpPort,
                ConsoleConfig.off(),
                geoFiles,
                detection,
                Map.of());
    }

    private static final Set<String> KEYS = Set.of(
            "host",
            "log",
            "map",
            "postfix",
            "data",
            "broker.port",
            "registry.port",
            "registry.url",
            "http.port",
            "console",
            "geo.files",
            "detection",
            "alerts");

    /**
     * Reads the YAML file of a single mail server.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static LocalConfig read(Path file) throws IOException {
        return of(DetectionFile.yaml(file), file);
    }

    private static LocalConfig of(Map<String, Object> map, Path file) throws IOException {
        for (String key : map.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("unknown key '" + key + "': known are "
                        + KEYS.stream().sorted().toList());
            }
        }
        Object mapPath = map.get("map");
        var host = new Host(
                text(map, "host", "a short name for this mail server"),
                Path.of(text(map, "log", "the path of the Postfix log")),
                mapPath == null ? null : Path.of(mapPath.toString()),
                Path.of(String.valueOf(map.getOrDefault("postfix", POSTFIX))));
        List<Path> geo = new ArrayList<>();
        if (map.get("geo.files") instanceof List<?> files) {
            files.forEach(f -> geo.add(Path.of(String.valueOf(f))));
        } else if (map.get("geo.files") != null) {
            throw new IllegalArgumentException(
                    "geo.files is '" + map.get("geo.files") + "': give a list of MaxMind DB files");
        }
        Object registryUrl = map.get("registry.url");
        return new LocalConfig(
                List.of(host),
                Path.of(String.valueOf(map.getOrDefault("data", "/var/lib/postbrake"))),
                port(map, "broker.port", 19092),
                port(map, "registry.port", 18081),
                registryUrl == null ? null : registryUrl.toString(),
                port(map, "http.port", 9404),
                ConsoleConfig.of(map, System.getenv()),
                List.copyOf(geo),
                DetectionFile.section(map, file),
                alerts(map.get("alerts")));
    }

    /** The sink itself judges its settings. */
    private static Map<String, String> alerts(Object section) {
        if (section == null) {
            return Map.of();
        }
        if (!(section instanceof Map<?, ?> settings)) {
            throw new IllegalArgumentException(
                    "alerts is '" + section + "': give settings such as alertmanager.urls: [http://127.0.0.1:9093]");
        }
        Map<String, String> result = new TreeMap<>();
        settings.forEach((key, value) -> result.put(
                String.valueOf(key),
                value instanceof List<?> list
                        ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                        : String.valueOf(value)));
        return result;
    }

    private static String text(Map<String, Object> map, String key, String right) {
        Object value = map.get(key);
        if (value == null || value.toString().isBlank()) {
            throw new IllegalArgumentException(key + " is '" + value + "': give " + right);
        }
        return value.toString();
    }

    private static int port(Map<String, Object> map, String key, int fallback) {
        Object value = map.getOrDefault(key, fallback);
        if (value instanceof Integer n && n >= -1 && n <= 65535) {
            return n;
        }
        throw new IllegalArgumentException(key + " is '" + value + "': give a port number up to 65535");
    }
}
