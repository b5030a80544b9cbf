package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.block.EnforcementReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the table of local users has, and whom never. */
class LocalUsersTest {

    private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
    private static final Map<Long, String> NAMES =
            Map.of(0L, "root", 33L, "www-data", 110L, "postfix", 1001L, "ann", 1002L, "spool; x", 1003L, "vmail");

    @TempDir
    private Path dir;

    private final Map<String, EnforcementReport> reports = new HashMap<>();
    private final HostReports told = new HostReports("mx1", Clock.fixed(NOW, ZoneOffset.UTC), reports::put);
    private TextTable table;
    private Enforcement enforcement;

    @BeforeEach
    void refusing() throws IOException {
        enforces(true);
        enforcement.caughtUp();
    }

    @AfterEach
    void close() throws IOException {
        enforcement.close();
    }

    private void enforces(boolean refuses) throws IOException {
        table = TextTable.names(dir.resolve("blocked-users"), refuses);
        var subjects = new LocalUsers(
                "mx1",
                refuses,
                Set.of("root", "postfix"),
                NeverBlock.of(List.of("vmail")),
                uid -> Optional.ofNullable(NAMES.get(uid)));
        enforcement = new Enforcement(
                table,
                SaidFile.create(dir.resolve("said"), 1 << 20),
                subjects,
                new Replies(Map.of()),
                Clock.fixed(NOW, ZoneOffset.UTC));
        enforcement.onChanged(new Enforcement.Told() {
            @Override
            public void inForce(String recordKey, Wanted block, boolean restored) {
                told.inForce(recordKey, block, restored);
            }

            @Override
            public void keptOut(String recordKey, Wanted block, String why) {
                told.keptOut(recordKey, block, why);
            }

            @Override
            public void gone(String recordKey) {
                told.gone(recordKey);
            }
        });
    }

    @Test
    void aBlockedUserStandsThereByNameForAllToReadAndNothingElseDoes() throws IOException {
        blocks("local_user:33@mx1", "reject");

        assertThat(Files.readAllLines(table.path()).stream().filter(line -> !line.startsWith("#")))
                .containsExactly("www-data blocked");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(table.path())))
                .isEqualTo("rw-r--r--");
        assertThat(reports.get("mx1/id-local_user:33@mx1").getWrittenAt()).isEqualTo(NOW);

        enforcement.block("local_user:33@mx1", null);
        enforcement.write();

        assertThat(table.count()).isZero();
        assertThat(table.path()).exists();
        assertThat(reports.get("mx1/id-local_user:33@mx1").getLiftedAt()).isEqualTo(NOW);
    }

    @Test
    void whoeverLocksTheTableHoldsUpNobodyAndWhoeverDeletesItGetsItBack() throws IOException {
        blocks("local_user:33@mx1", "reject");
        try (var file = FileChannel.open(table.path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
                var lock = file.lock()) {
            blocks("local_user:1001@mx1", "reject");
            assertThat(lock.isValid()).isTrue();
        }
        assertThat(Files.readString(table.path())).contains("www-data blocked", "ann blocked");

        Files.delete(table.path());
        enforcement.tick();

        assertThat(Files.readString(table.path())).contains("www-data blocked", "ann blocked");
    }

    @Test
    void whomMailDependsOnAndWhoHasNoNameIsKeptOutAndSaidSo() throws IOException {
        keepsOut("local_user:0@mx1", "reject", "root and the mail system");
        keepsOut("local_user:110@mx1", "reject", "root and the mail system");
        keepsOut("local_user:1003@mx1", "reject", "policy.never.block");
        keepsOut("local_user:4242@mx1", "reject", "no user of that uid");
        keepsOut("local_user:1002@mx1", "reject", "no user of that uid");
        keepsOut("local_user:1001@mx1", "hold", "not held");
    }

    @Test
    void usersOfOtherHostsAndWhatNamesNobodyAreLeftAlone() throws IOException {
        for (String key :
                List.of("local_user:33@mx2", "local_user:33@mx1@mx1", "local_user:x@mx1", "sasl_user:33@mx1")) {
            blocks(key, "reject");
        }

        assertThat(table.count()).isZero();
    }

    @Test
    void whereUsersAreNoLongerRefusedTheTableIsEmptiedAndStays() throws IOException {
        blocks("local_user:33@mx1", "reject");
        enforcement.close();
        enforces(false);

        enforcement.block("local_user:33@mx1", block("local_user:33@mx1", "reject"));
        enforcement.caughtUp();

        assertThat(table.count()).isZero();
        assertThat(table.path()).exists();
        assertThat(reports.get("mx1/id-local_user:33@mx1").getProblem()).contains("policy.local.users is observe");
    }

    @Test
    void whereUsersWereNeverRefusedThereIsNoTable() throws IOException {
        enforcement.close();
        Files.delete(table.path());
        enforces(false);

        enforcement.caughtUp();
        blocks("local_user:33@mx1", "reject");

        assertThat(table.path()).doesNotExist();
        assertThat(reports.get("mx1/id-local_user:33@mx1").getProblem()).contains("policy.local.users is observe");
    }

    @Test
    void aFolderThatUsersCannotReachIsRefusedAtTheStart() throws IOException {
        Path closed = Files.createDirectory(dir.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        var config = new PolicySinkConfig(Map.of(
                "policy.map.path", closed.resolve("blocked.lmdb").toString(),
                "policy.bootstrap.servers", "127.0.0.1:1",
                "policy.host.id", "mx1",
                "policy.registry.url", "http://127.0.0.1:1",
                "policy.postfix.config.directories", "",
                "policy.local.users", "refuse"));

        assertThatThrownBy(() -> HostPolicy.open(config, Clock.systemUTC(), Runnable::run))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.local.users")
                .hasMessageContaining("chmod o+x " + closed);
    }

    private void keepsOut(String key, String action, String why) throws IOException {
        blocks(key, action);

        assertThat(table.count()).as(key).isZero();
        assertThat(reports.get("mx1/id-" + key).getProblem()).contains(why);
    }

    private void blocks(String key, String action) throws IOException {
        enforcement.block(key, block(key, action));
        enforcement.write();
    }

    private static Wanted block(String key, String action) {
        return new Wanted("block", action, null, "abcd", NOW, NOW, NOW.plus(1, ChronoUnit.DAYS), "id-" + key);
    }
}
