package io.postbrake.alertmanagersink;

import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import io.postbrake.mail.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/** What a webhook is told. */
final class WebhookSettings {

    static final String URL = "webhook.url";
    static final String TEMPLATE = "webhook.template.file";
    static final String FORMAT = "webhook.format";
    private static final String URL_FILE = "webhook.url.file";
    private static final String CONTENT_TYPE = "webhook.content.type";
    private static final String SECRET = "webhook.secret";
    private static final String SECRET_FILE = "webhook.secret.file";
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
                .define(URL_FILE, Type.STRING, "", Importance.MEDIUM, "File of mode 0600 with that address.")
                .define(
                        FORMAT,
                        Type.STRING,
                        "",
                        ValidString.in(Stream.concat(
                                        Stream.of(""),
                                        Stream.of(WebhookFormat.values()).map(WebhookSettings::word))
                                .toArray(String[]::new)),
                        Importance.HIGH,
                        "Who listens there: mattermost, ntfy, opsgenie, pagerduty, slack or teams; default: pagerduty.")
                .define(
                        TEMPLATE,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Mustache template of the body in place of the format's.")
                .define(
                        CONTENT_TYPE,
                        Type.STRING,
                        "application/json",
                        new NonEmptyString(),
                        low,
                        "Content type of the body; it decides how values of an own template are escaped.")
                .define(
                        SECRET,
                        Type.PASSWORD,
                        "",
                        Importance.MEDIUM,
                        "What templates write for {{secret}}: PagerDuty's routing key, ntfy's topic; Opsgenie's API key.")
                .define(SECRET_FILE, Type.STRING, "", Importance.MEDIUM, "File of mode 0600 with that secret.")
                .define(UPDATES, Type.BOOLEAN, true, low, "Whether the webhook is told changes of open incidents.");
    }

    private static String word(WebhookFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    static boolean given(AbstractConfig c) {
        return !c.getPassword(URL).value().isEmpty()
                || !c.getString(URL_FILE).isBlank()
                || !c.getString(FORMAT).isEmpty();
    }

    /**
     * How each state is put into words, tried out.
     *
     * @throws ConfigException when the template cannot give what it should
     */
    static Webhook.Letter letter(AbstractConfig c) {
        String type = c.getString(CONTENT_TYPE);
        WebhookFormat format = format(c);
        try {
            String own = c.getString(TEMPLATE);
            Template body =
                    own.isEmpty() ? Templates.of(format.template(), format::escaped) : Templates.body(read(own), type);
            var letter = new Webhook.Letter(
                    Templates.url(url(c, format)),
                    body,
                    own.isEmpty() ? "application/json" : type,
                    secret(c, SECRET, SECRET_FILE),
                    c.getBoolean(UPDATES),
                    !own.isEmpty() || format.keepsState());
            new LetterCheck(letter).check(letter.contentType());
            return letter;
        } catch (MustacheException e) {
            throw new ConfigException(TEMPLATE, c.getString(TEMPLATE), "is no Mustache template: " + e.getMessage());
        }
    }

    private static WebhookFormat format(AbstractConfig c) {
        String word = c.getString(FORMAT);
        return word.isEmpty() ? WebhookFormat.PAGERDUTY : WebhookFormat.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The Authorization header that a format has; empty for none, or an own one. */
    static String authorization(AbstractConfig c) {
        String secret = given(c) && format(c) == WebhookFormat.OPSGENIE ? secret(c, SECRET, SECRET_FILE) : "";
        return secret.isEmpty() ? "" : "GenieKey " + secret;
    }

    private static String url(AbstractConfig c, WebhookFormat format) {
        String own = secret(c, URL, URL_FILE);
        if (own.isEmpty() && format.url().isEmpty()) {
            throw new ConfigException(
                    URL + " or " + URL_FILE + " is missing: " + word(format) + " gives everybody one");
        }
        if (format == WebhookFormat.NTFY
                && c.getString(TEMPLATE).isEmpty()
                && secret(c, SECRET, SECRET_FILE).isEmpty()) {
            throw new ConfigException(SECRET + " or " + SECRET_FILE + " is missing: give ntfy's topic");
        }
        return own.isEmpty() ? format.url() : own;
    }

    /** A secret as it is given, or as its file has it. */
    static String secret(AbstractConfig c, String key, String fileKey) {
        String given = c.getPassword(key).value();
        String file = c.getString(fileKey).strip();
        if (file.isEmpty()) {
            return given;
        }
        if (!given.isEmpty()) {
            throw new ConfigException("give " + key + " or " + fileKey + ", not both");
        }
        try {
            return SecretFile.read(Path.of(file));
        } catch (IOException e) {
            throw new ConfigException(fileKey + ": " + e.getMessage());
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new ConfigException(TEMPLATE, file, "cannot be read: " + e.getMessage());
        }
    }
}
