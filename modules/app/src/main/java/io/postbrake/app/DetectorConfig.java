package io.postbrake.app;

import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.logtail.UserIds;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.streams.RawLines;
import io.postbrake.wire.RenewingSslEngineFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.ZoneId;
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
 * @param lists lists of addresses with a reputation, as {@code reputation.lists} has them
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
        List<String> lists,
        int httpPort,
        InetAddress httpAddress,
        ConsoleConfig console,
        DetectionConfig detection,
        RawLines rawLines) {

    private static final String INSTANCE_ID = "instance.id";

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
                List.of(),
                httpPort,
                InetAddress.getLoopbackAddress(),
                ConsoleConfig.off(),
                detection,
                null);
    }

    /**
     * Reads the YAML file {@code file}.
     *
     * @throws IllegalArgumentException naming each key that is wrong, its value and what would be right
     */
    public static DetectorConfig read(Path file) throws IOException {
        Settings settings = Settings.read(file).collecting();
        DetectorConfig config = of(settings, file);
        settings.check();
        return config;
    }

    /**
     * The same for one of several instances with one file; what is given stands over what the file says.
     *
     * @param advertised host:port that others reach it at; null leaves that to the file
     * @param instance by what name it takes its place in the group again; null leaves that to the file
     */
    public static DetectorConfig read(Path file, String advertised, String instance) throws IOException {
        Map<String, Object> values = Settings.read(file).values();
        if (advertised != null) {
            Map<String, Object> console = new LinkedHashMap<>();
            if (values.get("console") instanceof Map<?, ?> given) {
                given.forEach((key, value) -> console.put(String.valueOf(key), value));
            }
            console.put("advertised", advertised);
            values.put("console", console);
        }
        if (instance != null) {
            values.put(INSTANCE_ID, instance);
        }
        Settings settings = Settings.of(values).collecting();
        DetectorConfig config = of(settings, file);
        settings.check();
        return config;
    }

    /** Partitions of the topics that are keyed by subject, as a detector's file says; null when it does not. */
    public static Integer partitions(Settings file) {
        return file.has("partitions") ? Integer.valueOf(file.number("partitions", 12, 1, 1000)) : null;
    }

    /**
     * Reads {@code settings} of {@code file}; problems are kept where the settings keep them.
     *
     * @throws IllegalArgumentException naming key, value and what would be right, when the settings do not
     */
    public static DetectorConfig of(Settings settings, Path file) {
        ClusterAccess cluster = ClusterAccess.of(settings);
        Map<String, String> kafka = new LinkedHashMap<>(cluster.kafka());
        RenewingSslEngineFactory.offerTo(kafka);
        kafka.putIfAbsent("num.standby.replicas", String.valueOf(settings.number("standby.replicas", 0, 0, 10)));
        Class<?> store = profileStore(settings);
        kafka.putIfAbsent(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, store.getName());
        String instance = settings.parsed(INSTANCE_ID, null, InstanceId::checked, InstanceId.RIGHT);
        if (keepsState(kafka)) {
            InstanceId.put(kafka, instance == null ? InstanceId.ofHost() : instance);
        }
        if ("streams".equalsIgnoreCase(kafka.get(StreamsConfig.GROUP_PROTOCOL_CONFIG))) {
            settings.problem(
                    "kafka.group.protocol is 'streams': give classic, or leave it out. With streams the group's settings"
                            + " on the brokers stand over session.timeout.ms, heartbeat.interval.ms and standby.replicas, and"
                            + " no instance keeps its place through a restart");
        }
        var config = new DetectorConfig(
                kafka,
                cluster.registryUrl(),
                cluster.registry(),
                settings.textOr("application.id", "postbrake-detector"),
                settings.path("state.dir", Path.of("/var/lib/postbrake/detector")),
                settings.number("partitions", 12, 1, 1000),
                GeoFiles.of(settings),
                ReputationLists.of(settings),
                settings.number("http.port", 9404, -1, 65535),
                settings.address("http.host"),
                ConsoleConfig.of(settings, System.getenv()),
                DetectionFile.section(settings, file),
                rawLines(settings));
        settings.noOthers();
        return config;
    }

    /** Client settings with which profiles are on disk, and an instance of this id takes its place in the group again. */
    public static Map<String, String> withState(Map<String, String> kafka, String instance) {
        Map<String, String> settings = new LinkedHashMap<>(kafka);
        settings.put(
                StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
                BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class.getName());
        InstanceId.put(settings, instance);
        return settings;
    }

    /** Whether profiles are on disk, and an instance takes its place in the group again with them. */
    boolean keepsState() {
        return keepsState(kafka);
    }

    private static boolean keepsState(Map<String, String> kafka) {
        return BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class
                .getName()
                .equals(kafka.get(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG));
    }

    private static Class<?> profileStore(Settings settings) {
        return settings.parsed(
                "state.store",
                BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class,
                store -> switch (store) {
                    case "memory" -> BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class;
                    case "disk" -> BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class;
                    default -> throw new IllegalArgumentException(store);
                },
                "disk to keep profiles in state.dir through restarts, or memory");
    }

    private static RawLines rawLines(Settings settings) {
        boolean on = settings.flag("raw.lines", false);
        ZoneId zone = settings.parsed(
                "raw.lines.zone", ZoneId.of("UTC"), ZoneId::of, "a zone such as Europe/Berlin or +02:00");
        int generation = settings.number("raw.lines.generation", 0, 0, Integer.MAX_VALUE);
        String kept = settings.textOr("raw.lines.recipients.kept", "full");
        Path key = settings.path("raw.lines.recipients.key.file", null);
        RecipientPolicy recipients = settings.attempt(() -> recipients(kept, key));
        String around = settings.textOr("raw.lines.envelopes", "auto");
        List<String> uids = settings.oneOrMore("raw.lines.journal.uids", "accounts' numbers such as 0-999");
        List<String> tags = settings.oneOrMore("raw.lines.journal.container.tags", "a list of identifiers");
        JournalRule senders = settings.attempt(() -> senders(uids, tags));
        Envelopes envelopes = settings.attempt(() -> envelopes(around).believing(senders));
        return on ? new RawLines(zone, envelopes, generation, recipients) : null;
    }

    private static Envelopes envelopes(String text) {
        try {
            return Envelopes.of(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("raw.lines.envelopes is '" + text + "': " + e.getMessage(), e);
        }
    }

    private static JournalRule senders(List<String> uids, List<String> tags) {
        try {
            UserIds accounts = UserIds.of(uids.isEmpty() ? List.of(UserIds.SYSTEM) : uids);
            return new JournalRule(accounts::contains, Set.copyOf(tags));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("raw.lines.journal.uids is '" + uids + "': " + e.getMessage(), e);
        }
    }

    private static RecipientPolicy recipients(String kept, Path key) {
        try {
            return RecipientPolicy.of(kept, key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "raw.lines.recipients.kept is '" + kept + "', raw.lines.recipients.key.file is '" + key + "': "
                            + e.getMessage(),
                    e);
        }
    }

    /** Leaves out every client setting: they may hold secrets. */
    @Override
    public String toString() {
        return "DetectorConfig[" + applicationId + ", registry " + registryUrl + ", " + partitions + " partitions]";
    }
}
