package io.postbrake.policysink;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * The settings of the answers to Dovecot's auth policy.
 *
 * @param listen where it is asked; null: nowhere
 * @param secret what Dovecot sends along; never shown
 * @param refuses what is answered when there is no answer: a refusal, or that the login may go on
 */
record AuthPolicyConfig(InetSocketAddress listen, byte[] secret, boolean refuses) {

    /** The header that has the secret. */
    static final String HEADER = "X-API-Key";

    static final String LISTEN = "policy.dovecot.auth.listen";
    private static final String SECRET = "policy.dovecot.auth.secret.file";
    private static final String FALLBACK = "policy.dovecot.auth.fallback";
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([0-9a-f:.]+)]|([0-9a-z.-]+)):(\\d{1,5})");
    private static final int SHORTEST = 16;
    private static final int LARGEST_PORT = 65_535;

    static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        LISTEN,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "HOST:PORT where Dovecot's auth_policy_server_url asks whether a login may go on, such as"
                                + " 127.0.0.1:9408. Empty: nowhere.")
                .define(
                        SECRET,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "File of mode 0600 with the secret that Dovecot sends by auth_policy_server_api_header; at least"
                                + " 16 characters on one line.")
                .define(
                        FALLBACK,
                        Type.STRING,
                        "allow",
                        ConfigDef.ValidString.in("allow", "refuse"),
                        Importance.LOW,
                        "What is answered to what is no question, or cannot be looked up: allow or refuse.");
    }

    /**
     * Reads and checks them.
     *
     * @throws ConfigException naming the key, its value and what would be right
     */
    static AuthPolicyConfig of(PolicySinkConfig config, DovecotConfig dovecot) {
        boolean refuses = config.getString(FALLBACK).equals("refuse");
        String listen = config.getString(LISTEN).strip();
        if (listen.isEmpty()) {
            return new AuthPolicyConfig(null, new byte[0], refuses);
        }
        Matcher parts = ADDRESS.matcher(listen);
        if (!parts.matches() || Integer.parseInt(parts.group(3)) > LARGEST_PORT) {
            throw new ConfigException(LISTEN, listen, "give an address and a port, such as 127.0.0.1:9408");
        }
        if (!dovecot.narrows()) {
            throw new ConfigException(
                    LISTEN,
                    listen,
                    "with " + DovecotConfig.MODE + " observe nobody is refused: set it to narrow or refuse");
        }
        var address = new InetSocketAddress(
                parts.group(1) == null ? parts.group(2) : parts.group(1), Integer.parseInt(parts.group(3)));
        if (address.isUnresolved()) {
            throw new ConfigException(LISTEN, listen, "its host is not known here: give an address");
        }
        return new AuthPolicyConfig(address, secret(config.getString(SECRET)), refuses);
    }

    private static byte[] secret(String name) {
        if (name.isBlank()) {
            throw new ConfigException(
                    SECRET,
                    name,
                    "anybody on this machine could ask: give a file, made by `umask 077; openssl rand -hex 24 > FILE`");
        }
        try {
            Path file = Path.of(name);
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.stream().anyMatch(one -> one.name().startsWith("OTHERS_"))) {
                throw new ConfigException(SECRET, name, "others may read or write it: `chmod 600 " + file + "`");
            }
            String text = Files.readString(file).strip();
            if (text.length() < SHORTEST || !text.matches("[!-~]+")) {
                throw new ConfigException(
                        SECRET, name, "give one line of at least 16 characters of ASCII, without blanks");
            }
            return text.getBytes(StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new ConfigException(SECRET, name, "it cannot be read: " + e.getMessage());
        }
    }

    boolean listens() {
        return listen != null;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "AuthPolicyConfig[" + listen + ", " + (refuses ? "refuse" : "allow") + "]";
    }
}
