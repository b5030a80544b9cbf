package io.postbrake.mail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The relay that takes Postbrake's mail, and in whose name it is sent.
 *
 * @param from address in the header; empty when nothing says one
 * @param envelopeFrom whom a bounce goes to; empty for nobody, the null sender
 * @param passwordFileOrNull read anew for each connection
 * @param timeoutMs for connecting, each answer and each writing
 */
public record SmtpSettings(
        String host,
        int port,
        Tls tls,
        @Nullable Path caFileOrNull,
        String username,
        @Nullable Path passwordFileOrNull,
        String from,
        String envelopeFrom,
        String helo,
        int timeoutMs) {

    /** How the connection is kept secret. */
    public enum Tls {
        /** Not at all. */
        NONE,
        /** It begins in the clear, and goes on only encrypted (RFC 3207). */
        STARTTLS,
        /** It is encrypted from the first byte (RFC 8314). */
        IMPLICIT
    }

    private static final String HOST = "mail.host";
    private static final String PORT = "mail.port";
    private static final String TLS = "mail.tls";
    private static final String CA_FILE = "mail.tls.ca.file";
    private static final String USERNAME = "mail.username";
    private static final String PASSWORD_FILE = "mail.password.file";
    private static final String FROM = "mail.from";
    private static final String ENVELOPE_FROM = "mail.envelope.from";
    private static final String HELO = "mail.helo";
    private static final String TIMEOUT = "mail.timeout.ms";

    /** Adds the settings to {@code d}. */
    public static ConfigDef define(ConfigDef d) {
        Importance medium = Importance.MEDIUM;
        return d.define(
                        HOST,
                        ConfigDef.Type.STRING,
                        "127.0.0.1",
                        medium,
                        "Relay that takes the mail by SMTP; one on which the accounts' blocks have no say over it.")
                .define(PORT, ConfigDef.Type.INT, 25, Range.between(1, 65535), medium, "Its port.")
                .define(
                        TLS,
                        ConfigDef.Type.STRING,
                        "none",
                        ValidString.in("none", "starttls", "implicit"),
                        medium,
                        "none, starttls (no mail without it) or implicit (port 465).")
                .define(
                        CA_FILE,
                        ConfigDef.Type.STRING,
                        "",
                        medium,
                        "PEM file of the certificates to trust; default: the JVM's.")
                .define(USERNAME, ConfigDef.Type.STRING, "", medium, "Login at the relay; none by default.")
                .define(
                        PASSWORD_FILE,
                        ConfigDef.Type.STRING,
                        "",
                        medium,
                        "File of mode 0600 with the password on its only line.")
                .define(
                        FROM,
                        ConfigDef.Type.STRING,
                        "",
                        medium,
                        "Address that the mail is from; default: the first of mail.to.")
                .define(
                        ENVELOPE_FROM,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.LOW,
                        "Whom a bounce goes to; default: nobody, the null sender.")
                .define(
                        HELO,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.LOW,
                        "Name to greet the relay with; default: this machine's.")
                .define(
                        TIMEOUT,
                        ConfigDef.Type.INT,
                        30_000,
                        Range.between(100, 600_000),
                        Importance.LOW,
                        "Time to connect, and for each answer.");
    }

    /**
     * As {@code c} says.
     *
     * @throws ConfigException naming the key and what would be right
     */
    public static SmtpSettings of(AbstractConfig c) {
        String host = c.getString(HOST).strip();
        if (host.isEmpty() || !host.matches("[A-Za-z0-9._:-]+")) {
            throw new ConfigException(HOST, host, "must be the name or address of a mail server");
        }
        Tls tls = Tls.valueOf(c.getString(TLS).toUpperCase(Locale.ROOT));
        String username = c.getString(USERNAME);
        Path password = file(c, PASSWORD_FILE);
        if (username.isEmpty() != (password == null)) {
            throw new ConfigException("give " + USERNAME + " and " + PASSWORD_FILE + " together, or neither");
        }
        if (password != null && tls == Tls.NONE && !isLoopback(host)) {
            throw new ConfigException(
                    TLS, "none", "would send the password to " + host + " in the clear: give starttls or implicit");
        }
        Path ca = file(c, CA_FILE);
        if (ca != null) {
            if (!Files.isReadable(ca)) {
                throw new ConfigException(CA_FILE, ca, "cannot be read: give a PEM file of certificates");
            }
            var unused = Trust.of(ca);
        }
        String helo = c.getString(HELO).strip();
        if (!helo.matches("[A-Za-z0-9.:\\[\\]-]*")) {
            throw new ConfigException(HELO, helo, "must be the name of a host");
        }
        return new SmtpSettings(
                host,
                c.getInt(PORT),
                tls,
                ca,
                username,
                password,
                Addresses.checkedOrEmpty(FROM, c.getString(FROM)),
                Addresses.checkedOrEmpty(ENVELOPE_FROM, c.getString(ENVELOPE_FROM)),
                helo,
                c.getInt(TIMEOUT));
    }

    /** The same relay for mail from {@code address}, unless a sender was set. */
    public SmtpSettings fromUnlessSet(String address) {
        return from.isEmpty()
                ? new SmtpSettings(
                        host,
                        port,
                        tls,
                        caFileOrNull,
                        username,
                        passwordFileOrNull,
                        address,
                        envelopeFrom,
                        helo,
                        timeoutMs)
                : this;
    }

    private static @Nullable Path file(AbstractConfig c, String key) {
        String name = c.getString(key).strip();
        return name.isEmpty() ? null : Path.of(name);
    }

    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || List.of("localhost", "::1").contains(host);
    }
}
