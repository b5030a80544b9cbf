package io.postbrake.alertmanagersink;

import com.samskivert.mustache.MustacheException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** What a webhook is told. */
final class WebhookSettings {

    static final String URL = "webhook.url";
    static final String TEMPLATE = "webhook.template.file";
    private static final String CONTENT_TYPE = "webhook.content.type";
    private static final String SECRET = "webhook.secret";
    private static final String UPDATES = "webhook.updates";

    private WebhookSettings() {}

    static ConfigDef define(ConfigDef d) {
        Importance low = Importance.LOW;
        return d.define(
                        URL,
                        Type.PASSWORD,
                        "",
                        Importance.HIGH,
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
    }

    static boolean given(AbstractConfig c) {
        return !c.getPassword(URL).value().isEmpty();
    }

    /**
     * How each state is put into words, tried out.
     *
     * @throws ConfigException when the template cannot give what it should
     */
    static Webhook.Letter letter(AbstractConfig c) {
        String type = c.getString(CONTENT_TYPE);
        try {
            var letter = new Webhook.Letter(
                    Templates.url(c.getPassword(URL).value()),
                    Templates.body(template(c.getString(TEMPLATE)), type),
                    type,
                    c.getPassword(SECRET).value(),
                    c.getBoolean(UPDATES));
            new LetterCheck(letter).check(type);
            return letter;
        } catch (MustacheException e) {
            throw new ConfigException(TEMPLATE, c.getString(TEMPLATE), "is no Mustache template: " + e.getMessage());
        }
    }

    private static String template(String file) {
        try (InputStream in = file.isEmpty()
                ? WebhookSettings.class.getResourceAsStream("pagerduty.mustache")
                : Files.newInputStream(Path.of(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException(TEMPLATE, file, "cannot be read: " + e.getMessage());
        }
    }
}
