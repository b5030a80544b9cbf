package io.postbrake.agent;

import io.postbrake.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Secrets of connectors that a file of settings only names, as Kafka Connect does: <code>${file:PATH:KEY}</code> of a properties file,
 * <code>${directory:PATH:FILE}</code>, as a Secret is mounted, or <code>${env:NAME}</code>. In Kubernetes that file of settings is
 * readable for many.
 */
final class KeptElsewhere {

    private static final Pattern NAMED = Pattern.compile("\\$\\{(file|directory|env):[^}]*}");

    private KeptElsewhere() {}

    /** The settings with what they name in its place; what cannot be had is told to {@code file}. */
    static Map<String, String> found(Settings file, String section, ConnectorSection of, Map<String, String> own) {
        if (own.values().stream().noneMatch(value -> NAMED.matcher(value).find())) {
            return own;
        }
        Map<String, ConfigDef.ConfigKey> known = of.definition().configKeys();
        Map<String, String> result = new HashMap<>(own);
        own.forEach((key, value) -> {
            if (NAMED.matcher(value).find()) {
                ConfigDef.ConfigKey defined = known.get(key);
                if (defined != null && defined.type() != ConfigDef.Type.PASSWORD) {
                    file.problem(section + "." + key + " is '" + value + "', but holds no secret: give its value");
                } else {
                    result.put(key, found(file, section + "." + key, value));
                }
            }
        });
        return result;
    }

    private static String found(Settings file, String key, String value) {
        Map<String, ConfigProvider> providers = Map.of(
                "file", new FileConfigProvider(),
                "directory", new DirectoryConfigProvider(),
                "env", new EnvVarConfigProvider());
        providers.values().forEach(provider -> provider.configure(Map.of()));
        try {
            String found = new ConfigTransformer(providers)
                    .transform(Map.of(key, value))
                    .data()
                    .get(key);
            if (NAMED.matcher(found).find()) {
                file.problem(key + " is '" + value + "': there is nothing of that name");
            }
            return found.strip();
        } catch (ConfigException e) {
            file.problem(key + " is '" + value + "': " + e.getMessage());
            return value;
        }
    }
}
