package io.postbrake.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.cli.ConfigFileKind;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor takes from each kind of file, as they are shipped and with what may be added. */
class InstallationTest {

    private static final Path SHIPPED = Path.of("../debian/src/deb/etc");

    @TempDir
    private Path dir;

    @Test
    void aMailServersOwn() throws IOException {
        Installation there = read(Files.readString(SHIPPED.resolve("postbrake.yaml")));

        assertThat(there.kind()).isEqualTo("up");
        assertThat(there.unit()).isEqualTo("postbrake");
        assertThat(there.logs()).containsExactly("/var/log/mail.log");
        assertThat(there.map()).isNull();
        assertThat(there.data()).isEqualTo(Path.of("/var/lib/postbrake"));
        assertThat(there.http()).isEqualTo(9404);
        assertThat(there.ports()).containsOnlyKeys("broker.port", "registry.port", "console.port");
    }

    @Test
    void aMailServersWithSeveralLogsAZoneAndARegistryElsewhere() throws IOException {
        Installation there = read("""
            host: mx1
            log: [/var/log/mail.log, /var/log/postfix/*.log]
            map: /var/lib/postbrake/blocked.lmdb
            source: {log.zone: Europe/Berlin}
            registry.url: http://registry:8081
            console: {port: -1}
            """);

        assertThat(there.logs()).containsExactly("/var/log/mail.log", "/var/log/postfix/*.log");
        assertThat(there.zones()).containsExactly("Europe/Berlin");
        assertThat(there.map()).isEqualTo(Path.of("/var/lib/postbrake/blocked.lmdb"));
        assertThat(there.ports()).containsEntry("console.port", -1).doesNotContainKey("registry.port");
    }

    @Test
    void anAgents() throws IOException {
        Installation there = read(Files.readString(SHIPPED.resolve("agent.yaml"))
                .replace("log.paths: [/var/log/mail.log]", "log.paths: [/var/log/mail.log, journal]"));

        assertThat(there.kind()).isEqualTo("agent");
        assertThat(there.unit()).isEqualTo("postbrake-agent");
        assertThat(there.logs()).containsExactly("/var/log/mail.log", "journal");
        assertThat(there.map()).isEqualTo(Path.of("/var/lib/postbrake/map/blocked.lmdb"));
        assertThat(there.postfix()).isEqualTo(Path.of("/etc/postfix"));
        assertThat(there.data()).isEqualTo(Path.of("/var/lib/postbrake/agent"));
        assertThat(there.http()).isEqualTo(9405);
        assertThat(there.ports()).isEmpty();
    }

    @Test
    void aDetectors() throws IOException {
        Installation there = read(Files.readString(SHIPPED.resolve("detector.yaml"))
                .replace("geo.files: []", "geo.files: [/srv/city.mmdb]"));

        assertThat(there.kind()).isEqualTo("detector");
        assertThat(there.logs()).isEmpty();
        assertThat(there.geo()).isEqualTo(List.of(Path.of("/srv/city.mmdb")));
        assertThat(there.data()).isEqualTo(Path.of("/var/lib/postbrake/detector"));
        assertThat(PostfixLook.of(there)).as("it has no Postfix").isEmpty();
    }

    private Installation read(String yaml) throws IOException {
        Path file = Files.writeString(dir.resolve("file.yaml"), yaml);
        Settings settings = Settings.read(file);
        return Installation.of(ConfigFileKind.of(settings).name(), settings.collecting());
    }
}
