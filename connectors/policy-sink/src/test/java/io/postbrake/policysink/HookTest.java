package io.postbrake.policysink;

import static io.postbrake.policysink.SinkDriver.BLOCKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command that a site has run after a block: real programs. */
@Timeout(120)
class HookTest {
    private static final Path EXAMPLE = Path.of("../../ops/hooks/end-imap-sessions");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    private Path out;
    private Hook hook;

    @BeforeEach
    void out() {
        out = dir.resolve("out");
    }

    @AfterEach
    void close() {
        if (hook != null) {
            hook.close();
        }
    }

    @Test
    void aBlockOnTheTopicRunsItOnceAndItsEndOnceMore() throws IOException {
        Map<String, String> settings = Map.of("policy.hook.command", writes() + "," + out);
        Path map = dir.resolve("blocked.lmdb");
        try (var sink = new SinkDriver(map, (client, partitions) -> Map.of(), settings)) {
            sink.assigned();
            sink.polls();
            sink.polls(sink.block("sasl_user:thief@example.org", "hold"));
            awaitLines(1, sink);
            sink.polls(sink.record(BLOCKS, "sasl_user:thief@example.org", null));
            awaitLines(2, sink);
        }

        List<String> lines = Files.readAllLines(out);
        assertThat(lines.get(0))
                .contains(
                        "\"event\":\"block\"",
                        "\"subject_type\":\"sasl_user\"",
                        "\"subject\":\"thief@example.org\"",
                        "\"action\":\"hold\"",
                        "\"reference\":\"k7f2\"",
                        "\"ends_at\":\"20");
        assertThat(lines.get(1)).contains("\"event\":\"unblock\"", "\"subject\":\"thief@example.org\"");
    }

    @Test
    void afterARestartItIsNotRunAgainButForWhatIsNewAndForWhatBecameStricter() throws IOException {
        Wanted hold = block("hold");
        begins(writes(), out.toString());
        hook.inForce("sasl_user:ann", hold, false);
        awaitLines(1);
        await().atMost(PATIENCE)
                .until(() -> Files.readString(dir.resolve("hook.tsv")).contains("ann"));
        hook.close();
        begins(writes(), out.toString());

        hook.inForce("sasl_user:ann", hold, true);
        hook.inForce("sasl_user:ann", hold, false);
        hook.inForce("sasl_user:ann", block("reject"), false);
        hook.inForce("sasl_user:bob", hold, true);

        awaitLines(3);
        assertThat(Files.readString(out)).contains("\"event\":\"change\"", "\"action\":\"reject\"");
        assertThat(Files.readAllLines(out))
                .filteredOn(line -> line.contains("\"ann\""))
                .hasSize(2);
    }

    @Test
    void whatWasDecidedLongBeforeTheStartIsNoNews() throws IOException {
        begins(writes(), out.toString());
        Instant old = Instant.now().minus(Duration.ofHours(2));

        hook.inForce("sasl_user:old", new Wanted("block", "hold", null, "r", old, old, null, "1"), true);
        hook.inForce("sasl_user:new", block("hold"), true);

        awaitLines(1);
        assertThat(Files.readString(out)).contains("\"new\"").doesNotContain("\"old\"");
    }

    @Test
    void ofTheEnvironmentThereIsPathAlone() throws IOException {
        begins(program("env > \"$1\".new; mv \"$1\".new \"$1\""), out.toString());

        hook.inForce("sasl_user:ann", block("hold"), false);

        awaitLines(1);
        assertThat(Files.readAllLines(out))
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .contains("PATH")
                .isSubsetOf("PATH", "PWD", "SHLVL", "_", "OLDPWD"); // The shell's own.
    }

    @Test
    void aNameIsDataAndNeverACommand() throws IOException {
        begins(writes(), out.toString());

        hook.inForce("sasl_user:\"; touch '" + dir.resolve("owned") + "' $(id)\n\u202e", block("hold"), false);

        awaitLines(1);
        assertThat(dir.resolve("owned")).doesNotExist();
        assertThat(Files.readString(out)).contains("\\\"; touch '", "$(id)\\u000a\\u202e\"");
    }

    @Test
    void oneThatTakesTooLongIsEndedWithItsChildren() throws IOException {
        begins(Duration.ofMillis(300), program("sleep 600 & echo $! > \"$1\"; sleep 600"), out.toString());

        hook.inForce("sasl_user:ann", block("hold"), false);

        await().atMost(PATIENCE).until(() -> hook.failures() == 1);
        long child = Long.parseLong(Files.readString(out).strip());
        await().atMost(PATIENCE).until(() -> ProcessHandle.of(child).isEmpty());
    }

    @Test
    void whatItSaysToStandardErrorIsOneHarmlessLine() throws Exception {
        String program = program("printf 'no\\nroot: \\033[31mred %02000d' 7 >&2; exit 3");

        HookRun.Outcome outcome = HookRun.run(List.of(program), "{}", Duration.ofSeconds(30));

        assertThat(outcome.status()).isEqualTo(3);
        assertThat(outcome.said())
                .startsWith("no root:  [31mred 000")
                .endsWith("...")
                .hasSize(300);
    }

    @Test
    void oneThatReadsNothingIsFedNoLonger() throws Exception {
        HookRun.Outcome outcome = HookRun.run(List.of(program("exit 0")), "x".repeat(1 << 20), Duration.ofSeconds(30));

        assertThat(outcome.status()).isZero();
    }

    @Test
    void whatFindsNoRoomIsCounted() throws IOException {
        begins(Duration.ofSeconds(60), program("sleep 1"), out.toString());

        for (int i = 0; i < 60; i++) {
            hook.inForce("sasl_user:u" + i, block("hold"), false);
        }

        assertThat(hook.dropped()).isGreaterThan(30);
        assertThat(hook.waiting()).isLessThanOrEqualTo(20);
    }

    @Test
    void aProgramThatOthersCouldReplaceOrThatIsNoneIsRefused() throws IOException {
        Path open = Path.of(program("exit 0"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxr-x"));
        Path dead = Files.writeString(dir.resolve("dead"), "text");
        Path within = Files.createDirectory(dir.resolve("open"));
        Path replaced = Files.copy(Path.of(program("exit 0")), within.resolve("run"));
        Files.setPosixFilePermissions(replaced, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(within, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertRefused(open.toString(), "may be written by others", "chmod go-w " + open);
        assertRefused(replaced.toString(), within + " may be written by others");
        assertRefused(dead.toString(), "cannot be run", "chmod 755");
        assertRefused(dir.resolve("none").toString(), "there is no such program");
        assertRefused("run-me", "give the program's whole path", "/usr/local/sbin/run-me");
    }

    /** The program of the documentation, with a doveadm that writes down how it was called. */
    @Test
    void theExampleEndsTheSessionsOfABlockedAccountAndOfNobodyElse() throws Exception {
        Path example = Files.copy(EXAMPLE, dir.resolve("end-imap-sessions"));
        Files.setPosixFilePermissions(example, PosixFilePermissions.fromString("rwxr-xr-x"));
        String doveadm = program("echo \"$@\" >> " + out + "; exit 68");

        List<String> command = List.of(example.toString(), doveadm);
        assertThat(run(command, "block", "sasl_user:ann@example.org")).isZero();
        assertThat(run(command, "unblock", "sasl_user:ann@example.org")).isZero();
        assertThat(run(command, "block", "client_ip:192.0.2.7")).isZero();
        assertThat(run(command, "block", "sasl_user:*")).isEqualTo(1);

        assertThat(Files.readAllLines(out)).containsExactly("kick -- ann@example.org");
    }

    private static int run(List<String> command, String event, String subject) throws Exception {
        Wanted block = event.equals("unblock") ? null : block("reject");
        String input = HookInput.json(event, subject, block, "mx1", Instant.now());
        return HookRun.run(command, input, Duration.ofSeconds(60)).status();
    }

    private void assertRefused(String program, String... words) {
        Map<String, String> settings = Map.of(
                "policy.map.path",
                dir.resolve("blocked.lmdb").toString(),
                "policy.bootstrap.servers",
                "127.0.0.1:1",
                "policy.hook.command",
                program);
        assertThatThrownBy(() -> new PolicySinkConfig(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.hook.command")
                .hasMessageContaining(program)
                .hasMessageContainingAll(words);
    }

    private void begins(String... command) throws IOException {
        begins(PATIENCE, command);
    }

    private void begins(Duration timeout, String... command) throws IOException {
        hook = Hook.beginOrNull(
                new HookConfig(List.of(command), timeout, 2, 20), "mx1", dir.resolve("hook.tsv"), Clock.systemUTC());
    }

    private static Wanted block(String action) {
        Instant now = Instant.now();
        return new Wanted("block", action, null, "ab12cd34", now, now, now.plusSeconds(600), "id-1");
    }

    /** One that adds what it reads to the file of its argument. */
    private String writes() throws IOException {
        return program("cat >> \"$1\"");
    }

    private String program(String text) throws IOException {
        Path file = Files.createTempFile(dir, "program", ".sh");
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    /** It catches up with its topics beside what it is given. */
    private void awaitLines(int count, SinkDriver sink) {
        await().atMost(PATIENCE).until(() -> {
            sink.polls();
            return Files.exists(out) && Files.readAllLines(out).size() >= count;
        });
    }

    private void awaitLines(int count) {
        await().atMost(PATIENCE)
                .until(() -> Files.exists(out) && Files.readAllLines(out).size() >= count);
    }
}
