package io.postbrake.alertmanagersink;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The sink's settings: Alertmanagers, a webhook or mail, one of them, and how they are spoken to. */
final class AlertmanagerSinkConfig extends AbstractConfig {

    static final String BOOTSTRAP = "alerts.bootstrap.servers";
    private static final String CLIENT = "alerts.consumer.";

    private final AlertmanagerSettings alertmanager;
    private final HttpSettings http;
    private final Webhook.Letter letter;
    private final MailSettings mail;
    private final Concern concern;
    private final ConsoleLinks links;

    AlertmanagerSinkConfig(Map<String, String> settings) {
        super(definition(), settings);
        alertmanager = AlertmanagerSettings.of(this);
        http = HttpSettings.of(this);
        links = ConsoleLinks.of(this);
        concern = Concern.of(this);
        long ways = Stream.of(!alertmanager.urls().isEmpty(), WebhookSettings.given(this), MailSettings.given(this))
                .filter(given -> given)
                .count();
        if (ways != 1) {
            throw new ConfigException("give " + AlertmanagerSettings.URLS + ", " + WebhookSettings.URL + ", "
                    + MailSettings.TO + " or " + MailSettings.OWNERS + ": one of them, another receiver for another");
        }
        mail = MailSettings.given(this) ? MailSettings.of(this) : null;
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
                                + " alerts.consumer.");
        return MailSettings.define(HttpSettings.define(
                WebhookSettings.define(AlertmanagerSettings.define(ConsoleLinks.define(Concern.define(d))))));
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

    Concern concern() {
        return concern;
    }

    /** Who is told by mail; null when others are. */
    MailSettings mail() {
        return mail;
    }

    /** What a webhook is told; null when others are. */
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
