package io.postbrake.alertmanagersink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * How receivers are spoken to.
 *
 * @param authorization value of that header; null for none
 * @param tls null for the JVM's own
 */
record HttpSettings(
        String authorization,
        SSLContext tls,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration longestBackoff) {

    static final String BASIC_USER = "http.basic.username";
    static final String BASIC_PASSWORD = "http.basic.password";
    static final String BEARER = "http.bearer.token";
    static final String BEARER_FILE = "http.bearer.token.file";
    static final String AUTHORIZATION = "http.authorization";
    static final String CA_FILE = "http.tls.ca.file";
    static final String KEYSTORE_FILE = "http.tls.keystore.file";
    static final String KEYSTORE_PASSWORD = "http.tls.keystore.password";
    static final String CONNECT_TIMEOUT = "http.connect.timeout.ms";
    static final String REQUEST_TIMEOUT = "http.request.timeout.ms";
    static final String LONGEST_BACKOFF = "http.backoff.max.ms";

    static ConfigDef define(ConfigDef d) {
        Importance medium = Importance.MEDIUM;
        return d.define(BASIC_USER, Type.STRING, "", medium, "User for basic authentication.")
                .define(BASIC_PASSWORD, Type.PASSWORD, "", medium, "Password for basic authentication.")
                .define(BEARER, Type.PASSWORD, "", medium, "Bearer token.")
                .define(BEARER_FILE, Type.STRING, "", medium, "File of mode 0600 with that token.")
                .define(AUTHORIZATION, Type.PASSWORD, "", medium, "Whole value of the Authorization header.")
                .define(CA_FILE, Type.STRING, "", medium, "PEM file of the certificates to trust; default: the JVM's.")
                .define(KEYSTORE_FILE, Type.STRING, "", medium, "PKCS#12 file of the client's certificate and key.")
                .define(KEYSTORE_PASSWORD, Type.PASSWORD, "", medium, "Password of that file.")
                .define(CONNECT_TIMEOUT, Type.LONG, 5_000, Range.atLeast(1), Importance.LOW, "Time to connect.")
                .define(REQUEST_TIMEOUT, Type.LONG, 10_000, Range.atLeast(1), Importance.LOW, "Time for one request.")
                .define(
                        LONGEST_BACKOFF,
                        Type.LONG,
                        30_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "Longest pause between attempts while a receiver is away.");
    }

    static HttpSettings of(AbstractConfig c) {
        return new HttpSettings(
                authorizationOf(c),
                tlsOf(c),
                Duration.ofMillis(c.getLong(CONNECT_TIMEOUT)),
                Duration.ofMillis(c.getLong(REQUEST_TIMEOUT)),
                Duration.ofMillis(c.getLong(LONGEST_BACKOFF)));
    }

    private static String authorizationOf(AbstractConfig c) {
        String user = c.getString(BASIC_USER);
        String bearer = WebhookSettings.secret(c, BEARER, BEARER_FILE);
        String whole = secret(c, AUTHORIZATION).isEmpty() ? WebhookSettings.authorization(c) : secret(c, AUTHORIZATION);
        int ways = (user.isEmpty() ? 0 : 1) + (bearer.isEmpty() ? 0 : 1) + (whole.isEmpty() ? 0 : 1);
        if (ways > 1) {
            throw new ConfigException(
                    "give one of " + BASIC_USER + ", " + BEARER + " and " + AUTHORIZATION + ", not several");
        }
        if (!user.isEmpty()) {
            byte[] pair = (user + ":" + secret(c, BASIC_PASSWORD)).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(pair);
        }
        String header = bearer.isEmpty() ? whole : "Bearer " + bearer;
        if (header.chars().anyMatch(ch -> ch < ' ')) {
            throw new ConfigException((bearer.isEmpty() ? AUTHORIZATION : BEARER)
                    + " holds a line break or control character; leave it out");
        }
        return header.isEmpty() ? null : header;
    }

    private static SSLContext tlsOf(AbstractConfig c) {
        String ca = c.getString(CA_FILE);
        String keys = c.getString(KEYSTORE_FILE);
        if (ca.isEmpty() && keys.isEmpty()) {
            return null;
        }
        var own = keys.isEmpty()
                ? null
                : used(
                        KEYSTORE_FILE,
                        keys,
                        file -> keys(file, secret(c, KEYSTORE_PASSWORD).toCharArray()));
        var others = ca.isEmpty() ? null : used(CA_FILE, ca, HttpSettings::trusted);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, others, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up with these files: " + e.getMessage(), e);
        }
    }

    /** What is in a file of keys or certificates. */
    private interface Reader<T> {
        T read(Path file) throws IOException, GeneralSecurityException;
    }

    private static <T> T used(String key, String file, Reader<T> reader) {
        try {
            return reader.read(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new ConfigException(key, file, "there is no such file");
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigException(key, file, "cannot be used: " + e.getMessage());
        }
    }

    private static javax.net.ssl.TrustManager[] trusted(Path pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(pem)) {
            int n = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + n++, certificate);
            }
            if (n == 0) {
                throw new GeneralSecurityException("no certificate in it");
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static javax.net.ssl.KeyManager[] keys(Path file, char[] password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static String secret(AbstractConfig c, String key) {
        Password password = c.getPassword(key);
        return password == null ? "" : password.value();
    }

    @Override
    public String toString() {
        return "HttpSettings[authorization=" + (authorization == null ? "none" : "hidden") + "]";
    }
}
