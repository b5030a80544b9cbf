package io.postbrake.cli;

import io.postbrake.agent.Receivers;
import io.postbrake.mail.Addresses;
import io.postbrake.mail.Letter;
import io.postbrake.mail.Mailer;
import io.postbrake.mail.RelayException;
import io.postbrake.mail.SmtpSettings;
import io.postbrake.report.Report;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Sends a report to the postmaster whom a file's receiver names, by that receiver's relay. */
final class ReportMail {

    private static final String TO = "mail.to";

    private final List<String> to;
    private final SmtpSettings smtp;

    private ReportMail(List<String> to, SmtpSettings smtp) {
        this.to = to;
        this.smtp = smtp;
    }

    /**
     * The receiver {@code name} of {@code file}.
     *
     * @throws IllegalArgumentException naming the key and what would be right
     */
    static ReportMail to(String name, Path file) throws IOException {
        if (file == null) {
            throw new IllegalArgumentException(
                    "--mail is '" + Text.plain(name) + "': --config says nothing of receivers");
        }
        Map<String, String> settings = Receivers.of(Settings.read(file)).get(name);
        if (settings == null || !settings.containsKey(TO)) {
            throw new IllegalArgumentException(
                    "--mail is '" + Text.plain(name) + "': " + file + " has no such receiver with " + TO);
        }
        try {
            var config = new AbstractConfig(
                    SmtpSettings.define(new ConfigDef()).define(TO, ConfigDef.Type.LIST, ConfigDef.Importance.HIGH, ""),
                    settings,
                    false);
            List<String> to = Addresses.checked(TO, config.getList(TO));
            return new ReportMail(to, SmtpSettings.of(config).fromUnlessSet(to.get(0)));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(Receivers.section(name) + ": " + e.getMessage(), e);
        }
    }

    /** @throws IOException when the relay takes it for nobody */
    void send(Report report, String text) throws IOException {
        String subject = String.format(
                Locale.ROOT,
                "[Postbrake] report: %d of %d accounts would have been blocked",
                report.sum().stoppedAccounts(),
                report.sum().accounts());
        UUID id = UUID.nameUUIDFromBytes((String.join(",", to) + "\n" + text).getBytes(StandardCharsets.UTF_8));
        List<String> refused;
        try {
            refused = new Mailer(smtp, Clock.systemUTC()).send(new Letter(to, Locale.ENGLISH, subject, text, id));
        } catch (RelayException e) {
            throw new IOException("the relay did not take the report: " + e.getMessage(), e);
        }
        if (!refused.isEmpty()) {
            throw new IOException("the relay refuses " + refused.size() + " of " + to.size() + " addresses of " + TO);
        }
    }
}
