package io.postbrake.local;

import io.postbrake.agent.Receivers;
import io.postbrake.app.DetectionFile;
import io.postbrake.app.GeoFiles;
import io.postbrake.app.ReputationLists;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policyserver.PolicyServerConfig;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Durations;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
 * @param lists lists of addresses with a reputation, as {@code reputation.lists} has them
 * @param detection the detectors' settings
 * @param watch for how long after the first start nothing is blocked
 * @param receivers settings of each who is told of incidents, by name; empty to tell nobody
 * @param quotas what Postfix is answered while mail is handed in; null when it does not ask
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
        List<String> lists,
        DetectionConfig detection,
        Duration watch,
        Map<String, Map<String, String>> receivers,
        PolicyServerConfig quotas) {

    public LocalConfig {
        receivers = Receivers.copy(receivers);
    }

    /**
     * One mail host.
     *
     * @param id its id in every event
     * @param log its Postfix log
     * @param map the policy map to keep; null only watches
     * @param postfix configuration directory of the Postfix that consults the map; null when none here does
     * @param source the shipper's further settings, under its own names
     * @param enforcer the enforcer's further settings, under its own names
     */
    public record Host(
            String id, Path log, Path map, Path postfix, Map<String, String> source, Map<String, String> enforcer) {

        public Host {
            source = Map.copyOf(source);
            enforcer = Map.copyOf(enforcer);
        }

        /** A host without further settings. */
        public Host(String id, Path log, Path map, Path postfix) {
            this(id, log, map, postfix, Map.of(), Map.of());
        }

        /** A host whose Postfix is elsewhere, if anywhere. */
        public Host(String id, Path log, Path map) {
            this(id, log, map, null);
        }

        /** Its logs, separated by commas; a name may be a pattern. */
        public String logs() {
            return source.getOrDefault(LocalConnectors.LOGS, log.toString());
        }
    }

    private static final int BROKER_PORT = 19092;
    private static final int REGISTRY_PORT = 18081;
    private static final Duration WATCH = Duration.ofDays(7);
    private static final Path POSTFIX = Path.of("/etc/postfix");

    /** A machine that enforces from its first start. */
    public LocalConfig(
            List<Host> hosts,
            Path dataDir,
            int brokerPort,
            int registryPort,
            String registryUrl,
            int httpPort,
            ConsoleConfig console,
            List<Path> geoFiles,
            DetectionConfig detection,
            Map<String, Map<String, String>> receivers) {
        this(
                hosts,
                dataDir,
                brokerPort,
                registryPort,
                registryUrl,
                httpPort,
                console,
                geoFiles,
                List.of(),
                detection,
                Duration.ZERO,
                receivers,
                null);
    }

    /** One without a console too, and nobody is told of incidents. */
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

    /**
     * Reads the YAML file of a single mail server.
     *
     * @throws IllegalArgumentException naming each key that is wrong, its value and what would be right
     */
    public static LocalConfig read(Path file) throws IOException {
        Settings settings = Settings.read(file).collecting();
        LocalConfig config = of(settings, file);
        settings.check();
        return config;
    }

    /** The console's port in such a file; negative without one. */
    public static int consolePort(Settings file) {
        return ConsoleConfig.of(file, Map.of()).port();
    }

    /** How to reach what runs by such a file, for commands on the same machine. */
    public static ClusterAccess access(Settings file) {
        String broker = "127.0.0.1:" + file.number("broker.port", BROKER_PORT, 1, 65535);
        String embedded = "http://127.0.0.1:" + file.number("registry.port", REGISTRY_PORT, 1, 65535);
        return new ClusterAccess(Map.of("bootstrap.servers", broker), file.textOr("registry.url", embedded), Map.of());
    }

    /**
     * Reads {@code settings} of {@code file}; problems are kept where the settings keep them.
     *
     * @throws IllegalArgumentException naming key, value and what would be right, when the settings do not
     */
    public static LocalConfig of(Settings settings, Path file) {
        Host host = host(settings);
        var config = new LocalConfig(
                List.of(host),
                settings.path("data", Path.of("/var/lib/postbrake")),
                settings.number("broker.port", BROKER_PORT, 0, 65535),
                settings.number("registry.port", REGISTRY_PORT, 0, 65535),
                settings.has("registry.url") ? settings.text("registry.url", "the registry's http(s) URL") : null,
                settings.number("http.port", 9404, -1, 65535),
                ConsoleConfig.of(settings, System.getenv()),
                GeoFiles.of(settings),
                ReputationLists.of(settings),
                DetectionFile.section(settings, file),
                settings.parsed(
                        "watch",
                        WATCH,
                        Durations::parse,
                        "how long to watch after the first start, such as 7d; 0d for not at all"),
                Receivers.of(settings),
                PolicyServerConfig.of(settings));
        settings.noOthers();
        LocalConnectors.check(settings, config);
        return config;
    }

    private static Host host(Settings settings) {
        String id = settings.text("host", "a short name for this mail server");
        List<String> logs = settings.oneOrMore("log", "the path of the Postfix log, or a list of paths");
        if (logs.isEmpty() || logs.stream().anyMatch(String::isBlank)) {
            settings.problem("log is " + logs + ": give the path of the Postfix log, or a list of paths");
        }
        Map<String, String> source = new TreeMap<>(settings.section("source").strings());
        Map<String, String> enforcer = settings.section("enforcer").strings();
        settings.attempt(() -> LocalConnectors.refuseOwn(source, enforcer));
        if (logs.size() > 1) {
            source.put(LocalConnectors.LOGS, String.join(",", logs));
        }
        Path map = settings.path("map", null);
        if (map == null && !enforcer.isEmpty()) {
            settings.problem("enforcer is given without map: give the path of the policy map, or leave enforcer out");
        }
        return new Host(
                id,
                Path.of(logs.isEmpty() ? "" : logs.get(0)),
                map,
                settings.path("postfix", POSTFIX),
                source,
                enforcer);
    }
}
