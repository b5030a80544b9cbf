package io.postbrake.alertmanagersink;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/** The sink's settings: Alertmanagers or a webhook, one of the two, and how they are spoken to. */
final class AlertmanagerSinkConfig extends AbstractConfig {

    static final String BOOTSTRAP = "alerts.bootstrap.servers";
    static final String LEAST_SEVERITY = "alerts.minimum.severity";
    private static final String CLIENT = "alerts.consumer.";

    private final AlertmanagerSettings alertmanager;
    private final HttpSettings http;
    private final Webhook.Letter letter;
    private final ConsoleLinks links;

    AlertmanagerSinkConfig(Map<String, String> settings) {
        super(definition(), settings);
        alertmanager = AlertmanagerSettings.of(this);
        http = HttpSettings.of(this);
        links = ConsoleLinks.of(this);
        if (alertmanager.urls().isEmpty() != WebhookSettings.given(this)) {
            throw new ConfigException("give " + AlertmanagerSettings.URLS + " or " + WebhookSettings.URL
                    + ": one of the two, another connector for the other");
        }
        letter = WebhookSettings.given(this) ? WebhookSettings.letter(this) : null;
    }

    static ConfigDef definition() {
        ConfigDef d = new ConfigDef()
                .define(
                        BOOTSTRAP,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "Brokers, to learn where the topic ends and what was told before; client settings with the prefix"
                                + " alerts.consumer.")
                .define(
                        LEAST_SEVERITY,
                        Type.STRING,
                        "info",
                        ValidString.in(Incident.SEVERITIES.toArray(String[]::new)),
                        Importance.MEDIUM,
                        "Incidents that never get this severe are told to nobody.");
        return HttpSettings.define(WebhookSettings.define(AlertmanagerSettings.define(ConsoleLinks.define(d))));
    }

    AlertmanagerSettings alertmanager() {
        return alertmanager;
    }

    HttpSettings http() {
        return http;
    }

    ConsoleLinks links() {
        return links;
    }

    /** What a webhook is told; null when Alertmanagers are. */
    Webhook.Letter letter() {
        return letter;
    }

    Map<String, Object> client() {
        Map<String, Object> result = new HashMap<>(originalsWithPrefix(CLIENT));
        result.put("bootstrap.servers", getString(BOOTSTRAP));
        return result;
    }

    /** The consumer group that Connect commits this connector's offsets under. */
    String group() {
        Object own = originals().get("consumer.override.group.id");
        return own == null ? "connect-" + originals().get("name") : own.toString();
    }
}
