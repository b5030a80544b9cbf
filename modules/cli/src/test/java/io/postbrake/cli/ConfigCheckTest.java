package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code config check}: all that is wrong with a file, at once and before anything runs. */
class ConfigCheckTest {

    private static final String CLUSTER =
            "kafka: {bootstrap.servers: \"k:9092\"}\nregistry: {url: \"http://r:8081\"}\n";

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "up        | host: mx1; log: /var/log/mail.log",
                "up        | host: mx1; log: [/var/log/mail.log, /var/log/postfix/*.log]; map: /m/blocked.lmdb;"
                        + " source: {start.position: end, recipients.kept: domain, log.zone: Europe/Berlin};"
                        + " enforcer: {policy.text.reject: call us, policy.never.block: [postmaster, 192.0.2.0/24]};"
                        + " alerts: {alertmanager.urls: ['http://127.0.0.1:9093']}; detection: {lateness: 30s}",
                "agent     | CLUSTER; host.id: mx1; source: {log.paths: [/l], producer.override.linger.ms: 5}",
                "agent     | CLUSTER; host.id: a; alerts: {alertmanager.urls: ['http://a:9093'], errors.tolerance: none}",
                "agent     | CLUSTER; host.id: a; receivers: {post: {mail.to: [p@example.net], alerts.subject.types: [host]}}",
                "detector  | CLUSTER; state.store: disk; partitions: 24; console: {port: -1}",
                "detection | risk: {hold: 0.6}; detectors.impossible-travel.dry-run: true",
                "detection | lateness: PT30S"
            })
    void aRightFileIsKnownByItsKeys(String kind, String yaml) throws IOException {
        int exit = check(yaml);

        assertThat(out.toString()).contains("is right, as a file of " + kind);
        assertThat(exit).isZero();
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() throws IOException {
        int exit = check(
                "host: mx1; log: /var/log/mail.log; mapp: /m; http.port: many; console: {port: 99999, colour: red};"
                        + " reputation.lists: ['hosting:/nowhere/cloud.txt'];"
                        + " source: {start.postion: end, recipients.kept: half, host.id: other}; alerts: {alertmanager.url: x};"
                        + " detection: {risk: {hold: lots, defer: 2}, block.ttl.hold: soon}");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString())
                .contains(
                        "unknown key 'mapp': did you mean map?",
                        "http.port is 'many': give a whole number",
                        "console.port is '99999': give a whole number",
                        "unknown key 'console.colour'",
                        "unknown key 'source.start.postion': did you mean start.position?",
                        "recipients.kept",
                        "reputation.lists: list '/nowhere/cloud.txt' cannot be used: there is no such file",
                        "source.host.id follows from 'host'",
                        "unknown key 'alerts.alertmanager.url': did you mean alertmanager.urls?",
                        "risk.hold has the value 'lots'",
                        "risk.defer has the value '2.0'",
                        "block.ttl.hold has the value 'soon'",
                        "is wrong, as a file of up");
    }

    @Test
    void aWrongReceiverIsCalledByItsName() throws IOException {
        int exit = check(
                "host: mx1; log: /l; receivers: {chat: {mail.too: a@b.example}, Two: {mail.to: a@b.example}, no: {}}");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString())
                .contains(
                        "unknown key 'receivers.chat.mail.too': did you mean mail.to?",
                        "receivers has the name 'Two'",
                        "receivers.no is empty");
    }

    @Test
    void whatDoesNotFitTogetherInAConnectorIsSaid() throws IOException {
        int exit = check("CLUSTER; host.id: mx1; source: {log.paths: [/l], log.zone: Mars/Base};"
                + " alerts: {alertmanager.urls: ['http://a:9093'], webhook.url: 'http://b/'}");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString()).contains("log.zone", "Mars/Base", "one of them");
    }

    @ParameterizedTest
    @CsvSource({"host: mx1; log: /l; mapp: /m, up", "CLUSTER; state.store: tape, detector"})
    void geographyFilesThatAreOfNoUseAreSaidWithTheRest(String yaml, String kind) throws IOException {
        Path csv = Files.writeString(dir.resolve("places.csv"), "network,country\n198.51.100.0/24,FI\n");

        int exit = check(yaml + "; geo.files: [" + csv + ", " + dir.resolve("none.mmdb") + "]");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString())
                .contains(
                        "places.csv' cannot be used",
                        "none.mmdb' cannot be used: there is no such file",
                        kind.equals("up") ? "unknown key 'mapp'" : "state.store is 'tape'",
                        "is wrong, as a file of " + kind);
    }

    @Test
    void enforcementSettingsWithoutAMapWouldDoNothing() throws IOException {
        int exit = check("host: mx1; log: /l; enforcer: {policy.text.reject: no}");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(out.toString()).contains("enforcer is given without map");
    }

    @ParameterizedTest
    @CsvSource({"nonsense: 1", "''"})
    void aFileThatCouldBeAnythingAsksWhatItIs(String yaml) throws IOException {
        assertThat(check(yaml)).isEqualTo(ExitCodes.WRONG_CALL);
    }

    @Test
    void everyKindKnowsItsOwnKeys() {
        assertThat(ConfigFileKind.up.keys())
                .contains("host", "log", "map", "source", "enforcer", "console", "detection");
        assertThat(ConfigFileKind.agent.keys()).contains("host.id", "client.file", "state.dir", "source");
        assertThat(ConfigFileKind.detector.keys()).contains("application.id", "raw.lines.zone", "state.store");
        assertThat(ConfigFileKind.detection.keys()).contains("risk.hold", "lateness");
        assertThat(ConfigFileKind.of(Settings.of(Map.of("lateness", "30s")))).isEqualTo(ConfigFileKind.detection);
    }

    /** Semicolons outside of flow maps end a line. */
    private int check(String yaml) throws IOException {
        Path file = Files.writeString(
                dir.resolve("file.yaml"),
                yaml.replaceAll("CLUSTER;\\s*", CLUSTER).replaceAll(";\\s*", "\n"));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute("config", "check", file.toString());
    }
}
