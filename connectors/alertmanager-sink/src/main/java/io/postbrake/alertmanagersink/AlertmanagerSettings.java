package io.postbrake.alertmanagersink;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * What is told to Alertmanager, and when.
 *
 * @param urls every replica; none when a webhook is told
 * @param labels of every alert
 */
record AlertmanagerSettings(List<URI> urls, Map<String, String> labels, AlertmanagerReplica.Times times) {

    static final String URLS = "alertmanager.urls";
    private static final String LABELS = "alertmanager.labels";
    private static final String RESEND = "alertmanager.resend.ms";
    private static final String ENDS_AFTER = "alertmanager.ends.after.ms";
    private static final String REPEAT_RESOLVED = "alertmanager.resolved.repeat.ms";
    private static final String LATE_FIRING = "alertmanager.late.firing.ms";
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]*";

    AlertmanagerSettings {
        urls = List.copyOf(urls);
    }

    static ConfigDef define(ConfigDef d) {
        Importance low = Importance.LOW;
        return d.define(
                        URLS,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        Importance.HIGH,
                        "Base address of each Alertmanager of a cluster.")
                .define(
                        LABELS,
                        Type.LIST,
                        "service=postbrake",
                        new ConfigDef.NonNullValidator(),
                        low,
                        "Labels of every alert, NAME=VALUE.")
                .define(RESEND, Type.LONG, 60_000, Range.atLeast(100), low, "How often what is told is told again.")
                .define(
                        ENDS_AFTER,
                        Type.LONG,
                        1_800_000,
                        Range.atLeast(200),
                        low,
                        "When an open incident ends by itself in Alertmanager, should this sink fall silent.")
                .define(REPEAT_RESOLVED, Type.LONG, 300_000, Range.atLeast(0), low, "How long an end is told.")
                .define(
                        LATE_FIRING,
                        Type.LONG,
                        120_000,
                        Range.atLeast(100),
                        low,
                        "How long an incident shows that was over before Alertmanager could be told.");
    }

    static AlertmanagerSettings of(AbstractConfig c) {
        if (c.getLong(ENDS_AFTER) < 2 * c.getLong(RESEND)) {
            throw new ConfigException(
                    ENDS_AFTER,
                    c.getLong(ENDS_AFTER),
                    "must be at least twice " + RESEND + ", or open incidents would end between two sendings");
        }
        return new AlertmanagerSettings(
                c.getList(URLS).stream().map(AlertmanagerSettings::url).toList(),
                labels(c.getList(LABELS)),
                new AlertmanagerReplica.Times(
                        Duration.ofMillis(c.getLong(RESEND)),
                        Duration.ofMillis(c.getLong(ENDS_AFTER)),
                        Duration.ofMillis(c.getLong(REPEAT_RESOLVED)),
                        Duration.ofMillis(c.getLong(LATE_FIRING))));
    }

    private static URI url(String text) {
        try {
            URI uri = URI.create(text.strip());
            if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(URLS, text, "is no address: " + e.getMessage());
        }
        throw new ConfigException(
                URLS + " must hold addresses like http://alertmanager:9093, without a user: use http.basic.username");
    }

    private static Map<String, String> labels(List<String> pairs) {
        Map<String, String> result = new LinkedHashMap<>();
        for (String label : pairs) {
            int equals = label.indexOf('=');
            String name = equals < 0 ? label : label.substring(0, equals).strip();
            if (equals < 0 || !name.matches(NAME)) {
                throw new ConfigException(LABELS, label, "must be NAME=VALUE with a name of letters, digits and _");
            }
            result.put(name, label.substring(equals + 1).strip());
        }
        return result;
    }
}
