package io.postbrake.embedded;

import io.postbrake.settings.OwnerOnlyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/**
 * The one name and secret with which clients enter the broker and the registry of a machine. Whoever may read the file that
 * holds the secret may enter: its owner and root.
 *
 * @param user name, letters only
 * @param secret URL-safe base64, so that it needs no quoting in a JAAS line, a URL or a properties file
 */
public record Login(String user, String secret) {

    /** The mechanism of the broker's listeners: a process that took the port before the broker learns no secret by it. */
    static final String MECHANISM = "SCRAM-SHA-256";

    private static final String USER = "postbrake";
    private static final int SECRET_BYTES = 32;

    public Login {
        if (!user.matches("[a-z]+") || !secret.matches("[A-Za-z0-9_-]{32,}")) {
            throw new IllegalArgumentException(
                    "a login has a name of letters and a secret of at least 32 characters of URL-safe base64");
        }
    }

    /**
     * The login whose secret is in {@code file}; a new secret is made when there is none. The file's mode becomes 0600.
     *
     * @throws IOException naming the file when it cannot be read or written, or holds no secret
     */
    public static Login keep(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(random);
            String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            OwnerOnlyFile.write(file, (secret + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        OwnerOnlyFile.close(file);
        try {
            return new Login(
                    USER, Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no secret that was made here: remove it, and a new one is made", e);
        }
    }

    /** Settings with which any Kafka client enters the broker. They hold the secret. */
    public Map<String, String> clientSettings() {
        return Map.of(
                "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", MECHANISM, "sasl.jaas.config", jaasLine());
    }

    /** Settings with which the Confluent registry client enters the registry. They hold the secret. */
    public Map<String, String> registrySettings() {
        return Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", user + ":" + secret);
    }

    String jaasLine() {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + secret + "\";";
    }

    /** The value of an HTTP request's {@code Authorization}. */
    String basicAuthorization() {
        byte[] pair = (user + ":" + secret).getBytes(StandardCharsets.US_ASCII);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** The name only. */
    @Override
    public String toString() {
        return "Login[" + user + "]";
    }
}
