package io.postbrake.alertmanagersink;

import io.postbrake.mail.Addresses;
import io.postbrake.mail.SmtpSettings;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/**
 * Who is told by mail, and how often.
 *
 * @param postmasterOrNull null when owners are told
 * @param ownersOrNull null when the postmaster is told
 * @param contact how owners reach the postmaster, in the operator's words; may be empty
 * @param interval at least so long between two mails to the same
 * @param ends whether the end of an incident is told
 */
record MailSettings(
        SmtpSettings smtp,
        Addressee postmasterOrNull,
        Owners ownersOrNull,
        String contact,
        ZoneId zone,
        Duration interval,
        Duration longestBackoff,
        boolean ends) {

    static final String TO = "mail.to";
    static final String OWNERS = "mail.owners.file";
    private static final String LANGUAGE = "mail.language";
    private static final String CONTACT = "mail.contact";
    private static final String ZONE = "mail.zone";
    private static final String INTERVAL = "mail.interval.ms";
    private static final String BACKOFF = "mail.backoff.max.ms";
    private static final String ENDS = "mail.ends";

    static ConfigDef define(ConfigDef d) {
        Importance medium = Importance.MEDIUM;
        Importance low = Importance.LOW;
        return SmtpSettings.define(d)
                .define(
                        TO,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        Importance.HIGH,
                        "Addresses that get mail of incidents.")
                .define(
                        OWNERS,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "In place of mail.to: file of lines ACCOUNT ADDRESS[,ADDRESS] [LANGUAGE]. Each owner is told,"
                                + " elsewhere, when the account is stopped.")
                .define(
                        LANGUAGE,
                        Type.STRING,
                        "en",
                        ValidString.in(Wording.LANGUAGES.toArray(String[]::new)),
                        medium,
                        "Language of the mail: " + String.join(", ", Wording.LANGUAGES) + ".")
                .define(
                        CONTACT,
                        Type.STRING,
                        "",
                        medium,
                        "How owners reach the postmaster, such as a telephone number.")
                .define(ZONE, Type.STRING, "UTC", low, "Time zone of times in mails, such as Europe/Berlin.")
                .define(
                        INTERVAL,
                        Type.LONG,
                        900_000,
                        Range.atLeast(1000),
                        medium,
                        "The first incident is told at once, what comes within this time after a mail by one more.")
                .define(
                        BACKOFF,
                        Type.LONG,
                        60_000,
                        Range.atLeast(1),
                        low,
                        "Longest pause between attempts while the relay takes no mail.")
                .define(ENDS, Type.BOOLEAN, true, low, "Whether the end of an incident is told.");
    }

    static boolean given(AbstractConfig c) {
        return !c.getList(TO).isEmpty() || !c.getString(OWNERS).isBlank();
    }

    static MailSettings of(AbstractConfig c) {
        List<String> to = Addresses.checked(TO, c.getList(TO));
        String owners = c.getString(OWNERS).strip();
        if (to.isEmpty() == owners.isEmpty()) {
            throw new ConfigException(
                    "give " + TO + " or " + OWNERS + ": one of the two, another receiver for the other");
        }
        Locale language = Wording.language(c.getString(LANGUAGE));
        SmtpSettings smtp = SmtpSettings.of(c);
        if (to.isEmpty() && smtp.from().isEmpty()) {
            throw new ConfigException("mail.from is missing: give the postmaster's address, whom owners answer to");
        }
        return new MailSettings(
                to.isEmpty() ? smtp : smtp.fromUnlessSet(to.get(0)),
                to.isEmpty() ? null : new Addressee(to, language, false),
                to.isEmpty() ? Owners.of(OWNERS, Path.of(owners), language) : null,
                c.getString(CONTACT),
                zone(c.getString(ZONE)),
                Duration.ofMillis(c.getLong(INTERVAL)),
                Duration.ofMillis(c.getLong(BACKOFF)),
                c.getBoolean(ENDS));
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new ConfigException(ZONE, name, "must be a time zone like UTC or Europe/Berlin");
        }
    }

    /** Who is told of an incident by mail; nobody when it has no such owner. */
    Optional<Addressee> addressee(Incident incident) {
        if (postmasterOrNull != null) {
            return Optional.of(postmasterOrNull);
        }
        return incident.text("subjectType").equals("sasl_user")
                ? ownersOrNull.of(incident.text("subject"))
                : Optional.empty();
    }
}
