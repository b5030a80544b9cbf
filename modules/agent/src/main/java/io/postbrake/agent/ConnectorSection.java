package io.postbrake.agent;

import io.postbrake.alertmanagersink.AlertmanagerSinkConnector;
import io.postbrake.policysink.PolicySinkConnector;
import io.postbrake.postfixsource.PostfixSourceConnector;
import io.postbrake.settings.Nearest;
import io.postbrake.settings.Settings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.runtime.SinkConnectorConfig;
import org.apache.kafka.connect.runtime.SourceConnectorConfig;

/**
 * A file's section with settings of one of the connectors. Connect itself takes any key and ignores those that it does not
 * know; here a misspelt one is refused, and all that is wrong is said at once.
 */
public enum ConnectorSection {
    /** The shipper of the log. */
    SOURCE(
            "source",
            PostfixSourceConnector::new,
            SourceConnectorConfig.configDef().names(),
            List.of("producer.override.", "topic.creation.")),
    /** The enforcer of the policy map. */
    ENFORCER(
            "enforcer",
            PolicySinkConnector::new,
            SinkConnectorConfig.configDef().names(),
            List.of("consumer.override.", "policy.consumer.", "policy.producer.", "policy.registry.")),
    /** Who is told of incidents. */
    ALERTS(
            "alerts",
            AlertmanagerSinkConnector::new,
            SinkConnectorConfig.configDef().names(),
            List.of("consumer.override.", "alerts.consumer."));

    /** Settings below these names are those of plugins, which nobody here knows. */
    private static final List<String> OF_PLUGINS =
            List.of("transforms.", "predicates.", "key.converter.", "value.converter.", "header.converter.");

    /** What the shipper reads, the enforcer of the same host reads as well, and in the same way. */
    private static final List<String> SHARED =
            List.of("log.zone", "log.envelopes", "journal.match", "journal.uids", "journal.container.tags");

    private final String section;
    private final Supplier<Connector> connector;
    private final Collection<String> ofConnect;
    private final List<String> prefixes;

    ConnectorSection(
            String section, Supplier<Connector> connector, Collection<String> ofConnect, List<String> prefixes) {
        this.section = section;
        this.connector = connector;
        this.ofConnect = ofConnect;
        this.prefixes = prefixes;
    }

    /** How the enforcer reads the logs that a shipper with these settings reads. */
    public static Map<String, String> readingOf(Map<String, String> source) {
        return SHARED.stream()
                .filter(source::containsKey)
                .collect(Collectors.toMap(key -> "policy." + key, source::get));
    }

    /** The connector's own settings, with defaults and what they mean. */
    public ConfigDef definition() {
        return connector.get().config();
    }

    /**
     * Tells {@code file} what is wrong.
     *
     * @param own what the section says
     * @param whole the connector's whole configuration
     */
    public void check(Settings file, Map<String, String> own, Map<String, String> whole) {
        check(file, section, own, whole);
    }

    /** The same of a section that is called {@code name}. */
    public void check(Settings file, String name, Map<String, String> own, Map<String, String> whole) {
        Connector checked = connector.get();
        Set<String> known = new TreeSet<>(checked.config().names());
        own.keySet().stream()
                .filter(key -> !isKnown(key, known))
                .sorted()
                .forEach(key -> file.problem("unknown key '" + name + "." + key + "': " + Nearest.hint(key, known)
                        + "docs/settings.md has all of them"));
        List<String> wrong = new ArrayList<>();
        for (ConfigValue value : checked.validate(whole).configValues()) {
            value.errorMessages().forEach(message -> wrong.add(name + ": " + message));
        }
        if (wrong.isEmpty()) {
            try {
                checked.start(whole); // It only reads its settings, and sees what does not fit together.
            } catch (ConfigException | IllegalArgumentException e) {
                wrong.add(name + ": " + e.getMessage());
            }
        }
        wrong.forEach(file::problem);
    }

    private boolean isKnown(String key, Set<String> known) {
        return known.contains(key)
                || ofConnect.contains(key)
                || prefixes.stream().anyMatch(key::startsWith)
                || OF_PLUGINS.stream().anyMatch(key::startsWith);
    }
}
