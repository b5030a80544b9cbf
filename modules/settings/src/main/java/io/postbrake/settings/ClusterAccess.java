package io.postbrake.settings;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * How to reach a Kafka cluster and its registry.
 *
 * @param kafka the Kafka client's own settings, {@code bootstrap.servers} among them; may hold secrets
 * @param registryUrl URL of a Confluent-compatible Schema Registry
 * @param registry the registry client's own settings; may hold secrets
 */
public record ClusterAccess(Map<String, String> kafka, String registryUrl, Map<String, String> registry) {

    /** In a properties file, settings of the registry's client begin so. */
    public static final String REGISTRY = "schema.registry.";

    private static final String DIRECTORY = "access";
    private static final String CLIENT_FILE = "client.properties";

    private static final String FILE = "client.file";

    public ClusterAccess {
        kafka = Map.copyOf(kafka);
        registry = Map.copyOf(registry);
    }

    /**
     * Reads the keys {@code client.file} (a properties file, as a mounted secret), {@code kafka} and {@code registry}; what
     * the YAML says stands over what the file says.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static ClusterAccess of(Settings settings) {
        Map<String, String> kafka = new LinkedHashMap<>();
        Map<String, String> registry = new LinkedHashMap<>();
        if (settings.has(FILE)) {
            Path file = settings.path(FILE, null);
            try {
                split(file == null ? Map.of() : properties(file), kafka, registry);
            } catch (IOException e) {
                settings.problem(FILE + " is '" + file + "': give a readable properties file");
            }
        }
        kafka.putAll(settings.section("kafka").strings());
        registry.putAll(settings.section("registry").strings());
        String url = registry.remove("url");
        if (url == null || !url.startsWith("http")) {
            settings.problem("registry.url is '" + url + "': give the registry's http(s) URL");
        }
        if (!kafka.containsKey("bootstrap.servers")) {
            settings.problem("kafka.bootstrap.servers is missing: give host:port of the brokers");
        }
        return new ClusterAccess(kafka, url, registry);
    }

    /**
     * Writes the settings for {@link #properties} to read, for the file's owner alone.
     *
     * @throws IOException when that cannot be done
     */
    public void write(Path file) throws IOException {
        var properties = new Properties();
        kafka.forEach(properties::setProperty);
        registry.forEach((key, value) -> properties.setProperty(REGISTRY + key, value));
        properties.setProperty(REGISTRY + "url", registryUrl);
        var text = new StringWriter();
        properties.store(text, null);
        OwnerOnlyFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads what {@link #write} wrote, or a properties file of the same kind that somebody made.
     *
     * @throws IllegalArgumentException naming the key that is missing
     */
    public static ClusterAccess read(Path file) throws IOException {
        return of(Settings.of(Map.of(FILE, file.toString())));
    }

    /** Where {@code postbrake up} with this data directory says how commands come in. */
    public static Path clientFile(Path data) {
        return data.resolve(DIRECTORY).resolve(CLIENT_FILE);
    }

    /** Where {@code postbrake up} with this data directory keeps the token with which a browser enters its console. */
    public static Path consoleToken(Path data) {
        return data.resolve(DIRECTORY).resolve("console.token");
    }

    /** The settings in a properties file. */
    public static Map<String, String> properties(Path file) throws IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> result = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(key -> result.put(key, properties.getProperty(key)));
        return result;
    }

    private static void split(Map<String, String> all, Map<String, String> kafka, Map<String, String> registry) {
        all.forEach((key, value) -> {
            if (key.startsWith(REGISTRY)) {
                registry.put(key.substring(REGISTRY.length()), value);
            } else {
                kafka.put(key, value);
            }
        });
    }

    /** Leaves out every client setting: they may hold secrets. */
    @Override
    public String toString() {
        return "ClusterAccess[" + kafka.get("bootstrap.servers") + ", registry " + registryUrl + "]";
    }
}
