package io.postbrake.alertmanagersink;

import com.samskivert.mustache.MustacheException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/** The sink's settings: Alertmanagers or a webhook, one of the two. */
final class AlertmanagerSinkConfig extends AbstractConfig {

    static final String BOOTSTRAP = "alerts.bootstrap.servers";
    static final String LEAST_SEVERITY = "alerts.minimum.severity";
    static final String URLS = "alertmanager.urls";
    static final String LABELS = "alertmanager.labels";
    static final String RESEND = "alertmanager.resend.ms";
    static final String ENDS_AFTER = "alertmanager.ends.after.ms";
    static final String REPEAT_RESOLVED = "alertmanager.resolved.repeat.ms";
    static final String LATE_FIRING = "alertmanager.late.firing.ms";
    static final String WEBHOOK = "webhook.url";
    static final String TEMPLATE = "webhook.template.file";
    static final String CONTENT_TYPE = "webhook.content.type";
    static final String SECRET = "webhook.secret";
    static final String UPDATES = "webhook.updates";
    private static final String CLIENT = "alerts.consumer.";
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]*";

    AlertmanagerSinkConfig(Map<String, String> settings) {
        super(definition(), settings);
        if (urls().isEmpty() == webhook().isEmpty()) {
            throw new ConfigException(
                    "give " + URLS + " or " + WEBHOOK + ": one of the two, another connector for the other");
        }
        if (getLong(ENDS_AFTER) < 2 * getLong(RESEND)) {
            throw new ConfigException(
                    ENDS_AFTER,
                    getLong(ENDS_AFTER),
                    "must be at least twice " + RESEND + ", or open incidents would end between two sendings");
        }
        var unused = List.of(labels(), HttpSettings.of(this));
        if (!webhook().isEmpty()) {
            new LetterCheck(letter()).check(getString(CONTENT_TYPE));
        }
    }

    static ConfigDef definition() {
        Importance low = Importance.LOW;
        Importance high = Importance.HIGH;
        ConfigDef d = new ConfigDef()
                .define(
                        BOOTSTRAP,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        high,
                        "Brokers, to learn where the topic ends and what was told before; client settings with the prefix"
                                + " alerts.consumer.")
                .define(
                        LEAST_SEVERITY,
                        Type.STRING,
                        "info",
                        ValidString.in(Incident.SEVERITIES.toArray(String[]::new)),
                        Importance.MEDIUM,
                        "Incidents that never get this severe are told to nobody.")
                .define(
                        URLS,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        high,
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
                        "How long an incident shows that was over before Alertmanager could be told.")
                .define(
                        WEBHOOK,
                        Type.PASSWORD,
                        "",
                        high,
                        "Address that takes one POST for each state of an incident; a Mustache template.")
                .define(
                        TEMPLATE,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Mustache template of the body; default: an event of PagerDuty's Events API v2.")
                .define(
                        CONTENT_TYPE,
                        Type.STRING,
                        "application/json",
                        new NonEmptyString(),
                        low,
                        "Content type of the body; it decides how values are escaped.")
                .define(
                        SECRET,
                        Type.PASSWORD,
                        "",
                        Importance.MEDIUM,
                        "What templates write for {{secret}}, such as PagerDuty's routing key.")
                .define(UPDATES, Type.BOOLEAN, true, low, "Whether the webhook is told changes of open incidents.");
        return HttpSettings.define(d);
    }

    List<URI> urls() {
        return getList(URLS).stream().map(AlertmanagerSinkConfig::url).toList();
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

    Map<String, String> labels() {
        Map<String, String> result = new LinkedHashMap<>();
        for (String label : getList(LABELS)) {
            int equals = label.indexOf('=');
            String name = equals < 0 ? label : label.substring(0, equals).strip();
            if (equals < 0 || !name.matches(NAME)) {
                throw new ConfigException(LABELS, label, "must be NAME=VALUE with a name of letters, digits and _");
            }
            result.put(name, label.substring(equals + 1).strip());
        }
        return result;
    }

    AlertmanagerReplica.Times times() {
        return new AlertmanagerReplica.Times(
                Duration.ofMillis(getLong(RESEND)),
                Duration.ofMillis(getLong(ENDS_AFTER)),
                Duration.ofMillis(getLong(REPEAT_RESOLVED)),
                Duration.ofMillis(getLong(LATE_FIRING)));
    }

    private String webhook() {
        return getPassword(WEBHOOK).value();
    }

    Webhook.Letter letter() {
        String type = getString(CONTENT_TYPE);
        try {
            return new Webhook.Letter(
                    Templates.url(webhook()),
                    Templates.body(template(), type),
                    type,
                    getPassword(SECRET).value(),
                    getBoolean(UPDATES));
        } catch (MustacheException e) {
            throw new ConfigException(TEMPLATE, getString(TEMPLATE), "is no Mustache template: " + e.getMessage());
        }
    }

    private String template() {
        String file = getString(TEMPLATE);
        try (InputStream in = file.isEmpty()
                ? AlertmanagerSinkConfig.class.getResourceAsStream("pagerduty.mustache")
                : Files.newInputStream(Path.of(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException(TEMPLATE, file, "cannot be read: " + e.getMessage());
        }
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
