package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.postbrake.settings.ClusterAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateDataTest {

    @TempDir
    private Path dir;

    @Test
    void closesADirectoryThatWasOpen() throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Path detector = Files.createDirectory(data.resolve("detector"));
        mode(data, "rwxr-xr-x");
        mode(detector, "rwxr-xr-x");
        // When
        PrivateData.open(data, List.of()).directory("detector");
        // Then
        assertThat(mode(data)).isEqualTo("rwx------");
        assertThat(mode(detector)).isEqualTo("rwx------");
    }

    @Test
    void aStartThatCameToNothingIsStillTheFirst() throws Exception {
        // Given
        Path data = dir.resolve("data");
        PrivateData.open(data, List.of()).directory("broker");
        // When
        PrivateData second = PrivateData.open(data, List.of());
        // Then
        assertThat(second.isFresh()).isTrue();
        second.begun();
        assertThat(PrivateData.open(data, List.of()).isFresh()).isFalse();
    }

    @Test
    void whatAnEarlierBuildUsedIsNoFirstStart() throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Files.createDirectory(data.resolve("broker"));
        // When
        PrivateData opened = PrivateData.open(data, List.of());
        // Then
        assertThat(opened.isFresh()).isFalse();
    }

    @Test
    void letsPostfixPassToAMapThatLiesInIt() throws Exception {
        // Given
        Path data = dir.resolve("data");
        var host = new LocalConfig.Host("mx1", dir.resolve("mail.log"), data.resolve("blocked.lmdb"));
        // When
        PrivateData.open(data, List.of(host));
        // Then
        assertThat(mode(data)).isEqualTo("rwx--x--x");
    }

    @Test
    void whatLiesOpenFromBeforeIsTakenIn() throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Files.writeString(data.resolve("registry.json"), "{}");
        // When
        Path file = PrivateData.open(data, List.of()).file("registry.json");
        // Then
        assertThat(file).hasContent("{}").hasParent(data.resolve("state"));
        assertThat(mode(data.resolve("state"))).isEqualTo("rwx------");
        assertThat(data.resolve("registry.json")).doesNotExist();
    }

    @Test
    void saysToItsOwnerAloneHowToComeIn() throws Exception {
        // Given
        var data = PrivateData.open(dir.resolve("data"), List.of());
        var login = data.login();
        var access = new ClusterAccess(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:1",
                        "sasl.jaas.config",
                        login.clientSettings().get("sasl.jaas.config")),
                "http://127.0.0.1:2",
                login.registrySettings());
        // When
        Path file = data.publish(access);
        // Then
        assertThat(ClusterAccess.read(file)).isEqualTo(access);
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(file.getParent())).isEqualTo("rwx------");
        assertThat(access.toString()).doesNotContain(login.secret());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/srv", "/tmp/", "/var/lib/../log", "/usr/local"})
    void aDirectoryOfTheSystemIsNotClosed(String data) throws Exception {
        // Given
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(Path.of(data));
        // When
        Throwable refused = catchThrowable(() -> PrivateData.open(Path.of(data), List.of()));
        // Then
        assertThat(refused)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data is '" + Path.of(data) + "'")
                .hasMessageContaining("such as /var/lib/postbrake");
        assertThat(Files.getPosixFilePermissions(Path.of(data))).isEqualTo(before);
    }

    @Test
    void aDirectoryOfSomebodyElseIsNotClosed() throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Files.writeString(data.resolve("index.html"), "hello");
        mode(data, "rwxr-xr-x");
        // When
        Throwable refused = catchThrowable(() -> PrivateData.open(data, List.of()));
        // Then
        assertThat(refused).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("data is '" + data + "'");
        assertThat(mode(data)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void aLinkToADirectoryOfSomebodyElseIsNotFollowedToCloseIt() throws Exception {
        // Given
        Path elses = Files.createDirectory(dir.resolve("elses"));
        Files.writeString(elses.resolve("index.html"), "hello");
        Path data = Files.createSymbolicLink(dir.resolve("data"), elses);
        // When
        Throwable refused = catchThrowable(() -> PrivateData.open(data, List.of()));
        // Then
        assertThat(refused).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"broker", "state", "access", "detector", "lost+found"})
    void whatHoldsSomethingOfOursOrNothingIsClosed(String there) throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Files.createDirectory(data.resolve(there));
        mode(data, "rwxr-xr-x");
        // When
        PrivateData.open(data, List.of());
        // Then
        assertThat(mode(data)).isEqualTo("rwx------");
    }

    @Test
    void theMapOfAHostIsOurs() throws Exception {
        // Given
        Path data = Files.createDirectory(dir.resolve("data"));
        Path map = Files.createFile(data.resolve("blocked.lmdb"));
        // When
        PrivateData.open(data, List.of(new LocalConfig.Host("mx1", dir.resolve("mail.log"), map)));
        // Then
        assertThat(mode(data)).isEqualTo("rwx--x--x");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}
