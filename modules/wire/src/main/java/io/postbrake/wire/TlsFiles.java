package io.postbrake.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Key and trust as Kafka's settings {@code ssl.*} name them, read anew when their files were replaced. What cannot be read
 * (half written, say) leaves in force what was there, and is said once. Whether a key fits its certificate is not looked at.
 */
final class TlsFiles implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
    private static final List<String> LOCATIONS =
            List.of(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG);

    private final Map<String, ?> settings;
    private final List<Path> files;
    private List<Object> seen;
    private DefaultSslEngineFactory engines;

    private TlsFiles(Map<String, ?> settings) {
        this.settings = settings;
        files = LOCATIONS.stream()
                .map(settings::get)
                .flatMap(file -> file == null ? Stream.empty() : Stream.of(Path.of(file.toString())))
                .toList();
        seen = marks();
        engines = read();
    }

    /**
     * Reads them.
     *
     * @param settings values as Kafka's clients parsed them
     * @throws KafkaException naming the file that cannot be read
     */
    static TlsFiles parsed(Map<String, ?> settings) {
        return new TlsFiles(Map.copyOf(withoutNulls(settings)));
    }

    /**
     * The same of settings as text.
     *
     * @throws IllegalArgumentException naming the setting or file that is wrong
     */
    static TlsFiles ofText(Map<String, String> settings) {
        try {
            ConfigDef definition = new ConfigDef();
            SslConfigs.addClientSslSupport(definition);
            return parsed(new AbstractConfig(definition, settings, false).values());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (KafkaException e) {
            throw new IllegalArgumentException(reasons(e), e);
        }
    }

    private static Map<String, Object> withoutNulls(Map<String, ?> settings) {
        Map<String, Object> result = new HashMap<>();
        settings.forEach((key, value) -> {
            if (value != null) {
                result.put(key, value);
            }
        });
        return result;
    }

    /** What makes connections from now on. */
    synchronized DefaultSslEngineFactory now() {
        List<Object> marks = marks();
        if (!marks.equals(seen)) {
            seen = marks;
            try {
                DefaultSslEngineFactory next = read();
                engines.close();
                engines = next;
                LOG.info("Read anew: {}", files);
            } catch (KafkaException e) {
                LOG.error(
                        "Of {} something was replaced by what cannot be used ({}): what was there stays in force",
                        files,
                        reasons(e));
            }
        }
        return engines;
    }

    private DefaultSslEngineFactory read() {
        var factory = new DefaultSslEngineFactory();
        factory.configure(settings);
        return factory;
    }

    private static String reasons(Throwable thrown) {
        List<String> reasons = new ArrayList<>();
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            reasons.add(String.valueOf(each.getMessage()));
        }
        return String.join(": ", reasons);
    }

    /** What tells that a file is another: a link that leads elsewhere, as in mounted secrets, is one, too. */
    private List<Object> marks() {
        List<Object> marks = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                marks.add(Stream.of(now.fileKey(), now.size(), now.lastModifiedTime())
                        .map(String::valueOf)
                        .toList());
            } catch (IOException e) {
                marks.add("not there");
            }
        }
        return marks;
    }

    /** Of settings of a registry's client those of TLS, with Kafka's own names. */
    static Map<String, String> within(Map<String, String> registrySettings) {
        Map<String, String> result = new LinkedHashMap<>();
        for (String prefix : List.of("", "schema.registry.")) {
            registrySettings.forEach((key, value) -> {
                if (key.startsWith(prefix + "ssl.")) {
                    result.put(key.substring(prefix.length()), value);
                }
            });
        }
        return result;
    }

    @Override
    public synchronized void close() {
        engines.close();
    }
}
