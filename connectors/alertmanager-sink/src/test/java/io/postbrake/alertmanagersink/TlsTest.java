package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receivers behind TLS, with certificates that no public authority knows. */
class TlsTest {

    private static final String PASSWORD = "change-it";

    private final Topic topic = new Topic();

    @TempDir
    private Path dir;

    private Path server;
    private Path client;

    @BeforeEach
    void certificates() throws Exception {
        server = made("server");
        client = made("client");
    }

    @Test
    void aReceiverIsToldWhoseCertificateIsInTheFile() throws Exception {
        try (var receiver = Receiver.tls(context(server, client), false);
                var sink = new TaskDriver(Map.of(
                        "alertmanager.urls",
                        receiver.url(),
                        "http.tls.ca.file",
                        pem("server").toString()))) {
            sink.appended(topic.firing("ann"));
            sink.starts();

            sink.until("it was told", () -> !receiver.taken().isEmpty());
        }
    }

    @Test
    void nobodyIsToldWhoseCertificateIsSomebodyElses() throws Exception {
        try (var receiver = Receiver.tls(context(server, client), false);
                var sink = new TaskDriver(Map.of(
                        "alertmanager.urls",
                        receiver.url(),
                        "http.tls.ca.file",
                        pem("client").toString()))) {
            sink.appended(topic.firing("ann"));
            sink.starts();

            sink.goesOnFor(1500);

            assertThat(receiver.posts).isEmpty();
            assertThat(sink.commits()).isZero();
        }
    }

    @Test
    void aReceiverThatAsksForACertificateIsShownOurs() throws Exception {
        try (var receiver = Receiver.tls(context(server, client), true);
                var stranger = new TaskDriver(Map.of(
                        "alertmanager.urls",
                        receiver.url(),
                        "http.tls.ca.file",
                        pem("server").toString()));
                var sink = new TaskDriver(Map.of(
                        "alertmanager.urls", receiver.url(),
                        "http.tls.ca.file", pem("server").toString(),
                        "http.tls.keystore.file", client.toString(),
                        "http.tls.keystore.password", PASSWORD))) {
            stranger.appended(topic.firing("ben"));
            stranger.starts();
            stranger.goesOnFor(1000);
            assertThat(receiver.posts).isEmpty();
            sink.appended(topic.firing("ann"));
            sink.starts();

            sink.until("it was told", () -> !receiver.taken().isEmpty());
        }
    }

    @Test
    void theFileThatIsBadIsTheOneThatIsNamed() throws Exception {
        Path good = pem("server");
        Path noKeys = Files.writeString(dir.resolve("no.p12"), "no keys");

        assertThatThrownBy(() -> config(good, noKeys))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("http.tls.keystore.file")
                .hasMessageContaining("no.p12")
                .hasMessageNotContaining("http.tls.ca.file")
                .hasMessageNotContaining(PASSWORD);
        assertThatThrownBy(() -> config(dir.resolve("none.pem"), client))
                .hasMessageContaining("http.tls.ca.file")
                .hasMessageContaining("there is no such file")
                .hasMessageNotContaining("keystore");
        assertThatThrownBy(() -> config(noKeys, client)).hasMessageContaining("http.tls.ca.file");
    }

    private static AlertmanagerSinkConfig config(Path ca, Path keys) {
        return new AlertmanagerSinkConfig(Map.of(
                "alerts.bootstrap.servers",
                "127.0.0.1:1",
                "alertmanager.urls",
                "https://127.0.0.1:9093",
                "http.tls.ca.file",
                ca.toString(),
                "http.tls.keystore.file",
                keys.toString(),
                "http.tls.keystore.password",
                PASSWORD));
    }

    /** A key and its certificate, signed by itself, in a file of its own. */
    private Path made(String name) throws IOException, InterruptedException {
        Path store = dir.resolve(name + ".p12");
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD);
        return store;
    }

    private Path pem(String name) throws IOException, InterruptedException {
        Path file = dir.resolve(name + ".pem");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                name,
                "-file",
                file.toString(),
                "-keystore",
                dir.resolve(name + ".p12").toString(),
                "-storepass",
                PASSWORD);
        return file;
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Path said = dir.resolve("keytool.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    }

    /** Shows the certificate of {@code own}, trusts that of {@code other}. */
    private static SSLContext context(Path own, Path other) throws Exception {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(own), PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        KeyStore peer = store(other);
        String alias = peer.aliases().nextElement();
        trusted.setCertificateEntry(alias, peer.getCertificate(alias));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }
}
