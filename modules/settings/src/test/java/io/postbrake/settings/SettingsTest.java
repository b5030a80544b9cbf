package io.postbrake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    @TempDir
    private Path dir;

    @Test
    void nestedNamesAndListsBecomeWhatKafkaTakes() throws IOException {
        Settings settings = read("""
                source:
                  log.paths: [/var/log/a, /var/log/b]
                  line:
                    max.bytes: 4096
                  empty:
                """);

        assertThat(settings.section("source").strings())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("log.paths", "/var/log/a,/var/log/b", "line.max.bytes", "4096"));
    }

    @Test
    void aMisspeltKeyIsRefusedWithTheKnownOnes() throws IOException {
        Settings settings = read("http.prot: 9405\n");
        settings.number("http.port", 9404, -1, 65535);

        assertThatThrownBy(settings::noOthers)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown key 'http.prot': did you mean http.port? known are http.port");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka: \"sasl.jaas.config=password='hush'\"",
                "kafka: sasl.jaas.config=hush",
                "kafka: [sasl.jaas.config=hush]",
                "kafka:\n  - sasl.jaas.config: hush"
            })
    void aSectionThatIsNoneIsNamedWithoutItsSecret(String text) throws IOException {
        Settings settings = read(text + "\n");

        assertThatThrownBy(() -> settings.section("kafka"))
                .hasMessageContaining("kafka is a ")
                .hasMessageEndingWith("give a map of settings")
                .hasMessageNotContaining("hush");
    }

    @Test
    void aKeyOfASectionIsNamedWithItsSection() throws IOException {
        Settings section = read("console:\n  port: many\n").section("console");

        assertThatThrownBy(() -> section.number("port", 1, 0, 65535))
                .hasMessage("console.port is 'many': give a whole number from 0 to 65535");
    }

    @Test
    void allThatIsWrongIsSaidTogetherAndOnce() throws IOException {
        Settings settings = read("""
                http.port: many
                http.host: 300.1.1.1
                raw: perhaps
                zone: Mars/Base
                console: {port: -7, colour: red}
                """).collecting();

        settings.number("http.port", 1, 0, 65535);
        settings.number("http.port", 1, 0, 65535);
        settings.address("http.host");
        settings.flag("raw", false);
        settings.parsed("zone", ZoneId.of("UTC"), ZoneId::of, "a zone such as Europe/Berlin");
        settings.text("name", "a name");
        Settings console = settings.section("console");
        console.number("port", 1, -1, 65535);
        console.noOthers();

        assertThat(settings.problems())
                .containsExactly(
                        "http.port is 'many': give a whole number from 0 to 65535",
                        "http.host is '300.1.1.1': give an address of this machine",
                        "raw is 'perhaps': give true or false",
                        "zone is 'Mars/Base': give a zone such as Europe/Berlin",
                        "name is 'null': give a name",
                        "console.port is '-7': give a whole number from -1 to 65535",
                        "unknown key 'console.colour': known are port");
        assertThatThrownBy(settings::check).hasMessageContaining("Mars/Base").hasMessageContaining("console.port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# nothing\n", "---\n"})
    void aFileWithoutKeysIsEmpty(String text) throws IOException {
        Settings settings = read(text);

        assertThat(settings.strings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"- a\n- b\n", "just text\n", "a: 1\na: 2\n", "a: [1\n", "\t: x"})
    void whatIsNoMapIsRefusedByName(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("agent.yaml");
    }

    @Test
    void clientSettingsOfAMountedFileStandBelowTheYaml() throws IOException {
        Path file = Files.writeString(dir.resolve("client.properties"), """
                bootstrap.servers=a:9092
                sasl.jaas.config=secret
                schema.registry.url=http://a:8081
                schema.registry.basic.auth.user.info=me:secret
                """);

        ClusterAccess access =
                ClusterAccess.of(read("client.file: " + file + "\nkafka:\n  bootstrap.servers: b:9092\n"));

        assertThat(access.kafka()).isEqualTo(Map.of("bootstrap.servers", "b:9092", "sasl.jaas.config", "secret"));
        assertThat(access.registryUrl()).isEqualTo("http://a:8081");
        assertThat(access.registry()).isEqualTo(Map.of("basic.auth.user.info", "me:secret"));
        assertThat(access).asString().doesNotContain("secret");
    }

    @Test
    void aMissingClientFileIsNamed() throws IOException {
        Settings settings = read("client.file: " + dir.resolve("none") + "\n");

        assertThatThrownBy(() -> ClusterAccess.of(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("client.file is '")
                .hasMessageContaining("readable properties file");
    }

    private Settings read(String text) throws IOException {
        return Settings.read(Files.writeString(dir.resolve("agent.yaml"), text));
    }

    @Test
    void showsNothingOfAFileThatIsNoYaml() throws Exception {
        // Given
        Path file = Files.writeString(dir.resolve("client.properties"), "sasl.jaas.config=password=hunter2\nuser=x\n");
        // When, Then
        assertThatThrownBy(() -> Settings.read(file))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("no keys")
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }
}
