package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {

    /** Some of those that this Java brings. */
    private static List<Certificate> authorities;

    @TempDir
    private Path dir;

    @BeforeAll
    static void findAuthorities() throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        try (InputStream in =
                Files.newInputStream(Path.of(System.getProperty("java.home"), "lib", "security", "cacerts"))) {
            store.load(in, null);
        }
        authorities = new ArrayList<>();
        for (String alias : Collections.list(store.aliases()).subList(0, 2)) {
            authorities.add(store.getCertificate(alias));
        }
    }

    @Test
    void aReplacedFileCounts() throws Exception {
        // Given
        Path file = write("trust.pem", pem(0));
        TlsFiles files = TlsFiles.ofText(settings(file));
        // When
        Files.move(write("next.pem", pem(1)), file, StandardCopyOption.REPLACE_EXISTING);
        // Then
        assertThat(trusted(files)).isEqualTo(authorities.get(1));
    }

    @Test
    void aLinkThatLeadsElsewhereCounts() throws Exception {
        // Given
        Path link = Files.createSymbolicLink(dir.resolve("data"), Files.createDirectory(dir.resolve("one")));
        write("one/trust.pem", pem(0));
        Files.createDirectory(dir.resolve("two"));
        write("two/trust.pem", pem(1));
        TlsFiles files = TlsFiles.ofText(settings(link.resolve("trust.pem")));
        // When
        Files.move(
                Files.createSymbolicLink(dir.resolve("next"), dir.resolve("two")),
                link,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        // Then
        assertThat(trusted(files)).isEqualTo(authorities.get(1));
    }

    @Test
    void whatCannotBeReadLeavesWhatWasThereInForce() throws Exception {
        // Given
        Path file = write("trust.pem", pem(0));
        TlsFiles files = TlsFiles.ofText(settings(file));
        // When
        Files.writeString(file, pem(1).substring(0, 200));
        Certificate then = trusted(files);
        Files.delete(file);
        // Then
        assertThat(then).isEqualTo(authorities.get(0));
        assertThat(trusted(files)).isEqualTo(authorities.get(0));
        write("trust.pem", pem(1));
        assertThat(trusted(files)).isEqualTo(authorities.get(1));
    }

    @Test
    void saysWhichFileIsWrong() {
        Path file = dir.resolve("nowhere.pem");
        assertThatThrownBy(() -> TlsFiles.ofText(settings(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void theRegistrysClientMayCallThemByEitherName() {
        assertThat(TlsFiles.within(Map.of(
                        "basic.auth.user.info", "a:b",
                        "ssl.truststore.type", "PEM",
                        "schema.registry.ssl.truststore.location", "/f")))
                .isEqualTo(Map.of("ssl.truststore.type", "PEM", "ssl.truststore.location", "/f"));
    }

    private static Map<String, String> settings(Path trust) {
        return Map.of("ssl.truststore.type", "PEM", "ssl.truststore.location", trust.toString());
    }

    private static Certificate trusted(TlsFiles files) throws Exception {
        KeyStore store = files.now().truststore();
        return store.getCertificate(store.aliases().nextElement());
    }

    private Path write(String name, String text) throws Exception {
        return Files.writeString(dir.resolve(name), text);
    }

    private static String pem(int which) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(authorities.get(which).getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
