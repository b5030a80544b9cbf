package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong setting fails at the start, with its key, and without what is secret. */
class AlertmanagerSinkConfigTest {

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        "alertmanager.urls, ftp://am:9093, alertmanager.urls",
        "alertmanager.urls, http://user:pw@am:9093, http.basic.username",
        "alertmanager.labels, 9lives=x, alertmanager.labels",
        "alertmanager.ends.after.ms, 70000, alertmanager.resend.ms",
        "alerts.minimum.severity, loud, alerts.minimum.severity",
        "alerts.console.url, console.example.net, https://console.example.net/",
        "webhook.url, http://other.example/hook, webhook.url",
        "http.tls.ca.file, /nowhere/ca.pem, http.tls.ca.file",
        "http.connect.timeout.ms, 0, http.connect.timeout.ms",
    })
    void aWrongSettingIsNamed(String key, String value, String said) {
        assertThatThrownBy(() -> config(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource({
        "mail.to, ann, mail.to",
        "mail.to, 'a@b.example\r\nBcc: c@d.example', mail.to",
        "mail.language, tlh, mail.language",
        "mail.zone, Mars/Base, Europe/Berlin",
        "mail.from, Postmaster <p@example.net>, mail.from",
        "mail.host, 'a b', mail.host",
        "mail.username, postbrake, mail.password.file",
        "alerts.subject.types, users, sasl_user",
    })
    void aWrongSettingOfMailIsNamed(String key, String value, String said) {
        Map<String, String> settings =
                new HashMap<>(Map.of("alertmanager.urls", "", "mail.to", "postmaster@example.net"));
        settings.put(key, value);

        assertThatThrownBy(() -> config(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aPasswordIsNotSentInTheClear() throws IOException {
        Path password = Files.writeString(dir.resolve("password"), "s3cret");

        assertThatThrownBy(() -> config(Map.of(
                        "alertmanager.urls", "",
                        "mail.to", "postmaster@example.net",
                        "mail.host", "relay.example.net",
                        "mail.username", "postbrake",
                        "mail.password.file", password.toString())))
                .hasMessageContaining("mail.tls");
    }

    @ParameterizedTest
    @CsvSource({
        "Ann@example.net ann@example.net, the account's own mailbox",
        "ann@example.net, line 1 must be",
        "ann@example.net elsewhere, is no address",
        "ann@example.net b@example.org tlh, language",
    })
    void aLineThatDoesNotReachTheOwnerIsNamed(String line, String said) throws IOException {
        Path owners = Files.writeString(dir.resolve("owners"), line + "\n");

        assertThatThrownBy(() -> config(Map.of(
                        "alertmanager.urls", "",
                        "mail.owners.file", owners.toString(),
                        "mail.from", "postmaster@example.net")))
                .hasMessageContaining(said)
                .hasMessageContaining("line 1");
    }

    @Test
    void aTemplateThatNamesWhatDoesNotExistFailsAtTheStart() throws IOException {
        Path template = Files.writeString(dir.resolve("t"), "{\"text\": \"{{titel}}\"}");

        assertThatThrownBy(() -> config(webhook(template))).hasMessageContaining("titel");
    }

    @Test
    void aTemplateThatGivesNoJsonFailsAtTheStart() throws IOException {
        Path template = Files.writeString(dir.resolve("t"), "{\"text\": {{title}}}");

        assertThatThrownBy(() -> config(webhook(template)))
                .hasMessageContaining("webhook.template.file does not give JSON");
    }

    @Test
    void theTemplateInTheDocumentationIsRight() throws IOException {
        String page = Files.readString(Path.of("../../docs/alerting.md"));
        int start = page.indexOf("{\"text\": \"{{#resolved}}");
        Path template = Files.writeString(dir.resolve("t"), page.substring(start, page.indexOf("```", start)));

        assertThat(config(webhook(template)).letter().contentType()).isEqualTo("application/json");
    }

    @ParameterizedTest
    @CsvSource({
        "slack, '', webhook.url or webhook.url.file is missing",
        "ntfy, https://ntfy.example.net/, webhook.secret or webhook.secret.file is missing",
        "irc, https://irc.example.net/, webhook.format",
    })
    void aFormatNamesWhatItNeeds(String format, String url, String said) {
        assertThatThrownBy(() -> config(Map.of("alertmanager.urls", "", "webhook.format", format, "webhook.url", url)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aSecretMayStandInAFileOfItsOwner() throws IOException {
        Path file = Files.writeString(dir.resolve("key"), "s3cret\n");
        Map<String, String> settings =
                Map.of("alertmanager.urls", "", "webhook.format", "opsgenie", "webhook.secret.file", file.toString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> config(settings)).hasMessageContaining("0600").hasMessageNotContaining("s3cret");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThat(config(settings).http().authorization()).isEqualTo("GenieKey s3cret");
        assertThat(config(settings).http().toString()).doesNotContain("s3cret");
    }

    @Test
    void secretsAreInNoText() {
        var config = config(Map.of("http.bearer.token", "s3cret", "webhook.secret", "s3cret"));

        assertThat(config.values().toString() + HttpSettings.of(config)).doesNotContain("s3cret");
    }

    private static Map<String, String> webhook(Path template) {
        return Map.of(
                "alertmanager.urls", "",
                "webhook.url", "http://chat.example/hook",
                "webhook.template.file", template.toString());
    }

    private static AlertmanagerSinkConfig config(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "alerts.bootstrap.servers", "127.0.0.1:9092", "alertmanager.urls", "http://am1:9093,http://am2:9093"));
        settings.putAll(more);
        return new AlertmanagerSinkConfig(settings);
    }
}
