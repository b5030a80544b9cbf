package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file says that Dovecot reads. */
class MailboxesTest {

    private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
    private static final List<String> HOME = List.of("198.51.0.0/16", "2001:db8::/32");

    @TempDir
    private Path dir;

    @Test
    void aBlockedAccountIsLeftItsHomeAndWhatIsLeftToAllAtTheServicesThatWereChosen() throws IOException {
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.block("sasl_user:ann@example.org", block("reject", HOME));
            enforcement.write();
        }

        assertThat(lines())
                .containsExactly(
                        "imap/ann@example.org::::::: postbrake_nets=198.51.0.0/16,2001:db8::/32,127.0.0.0/8",
                        "pop3/ann@example.org::::::: postbrake_nets=198.51.0.0/16,2001:db8::/32,127.0.0.0/8");
    }

    @Test
    void byChoiceARefusalLeavesNothingAndAHoldStillTheHome() throws IOException {
        try (Enforcement enforcement = enforcement("refuse")) {
            enforcement.block("sasl_user:ann", block("reject", HOME));
            enforcement.block("sasl_user:bob", block("hold", HOME));
            enforcement.write();
        }

        assertThat(lines()).contains("imap/ann::::::: postbrake_nets=255.255.255.255/32");
        assertThat(lines()).anyMatch(line -> line.startsWith("imap/bob::::::: postbrake_nets=198.51.0.0/16,"));
    }

    @Test
    void withoutAKnownHomeNobodyIsLockedOut() throws IOException {
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.block("sasl_user:ann", block("reject", List.of()));
            enforcement.write();
        }

        assertThat(lines()).isEmpty();
    }

    @Test
    void anOperatorsWordAndTheEndLiftIt() throws IOException {
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.block("sasl_user:bob", block("hold", HOME));
            enforcement.write();
            enforcement.block("sasl_user:ann", null);
            enforcement.word("sasl_user:bob", new Wanted("unblock", null, null, null, NOW, null, null, null));
            enforcement.write();
        }

        assertThat(lines()).isEmpty();
    }

    /** Who makes a hold a refusal must not let the thief read again. */
    @Test
    void anOperatorsBlockOverTheDetectorsLeavesTheSameHome() throws IOException {
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.write();
            enforcement.word("sasl_user:ann", new Wanted("block", "reject", null, "o1", NOW, null, null, null));
            enforcement.word("sasl_user:bob", new Wanted("block", "reject", null, "o2", NOW, null, null, null));
            enforcement.write();
            assertThat(lines()).hasSize(2).allMatch(line -> line.contains("/ann::::::: postbrake_nets=198.51.0.0/16,"));

            enforcement.word("sasl_user:ann", new Wanted("unblock", null, null, null, NOW, null, null, null));
            enforcement.write();
        }

        assertThat(lines()).isEmpty();
    }

    @Test
    void anOperatorsBlockOverTheDetectorsEndsSessionsFromElsewhere() throws IOException {
        Map<String, Wanted> inForce = new HashMap<>();
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.onChanged(new Enforcement.Told() {
                @Override
                public void inForce(String recordKey, Wanted block, boolean restored) {
                    inForce.put(recordKey, block);
                }
            });
            enforcement.word("sasl_user:ann", new Wanted("block", "reject", null, "o1", NOW, null, null, null));
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.write();
        }

        assertThat(inForce.get("sasl_user:ann").homes()).isEqualTo(HOME);
    }

    @Test
    void whoIsNeverBlockedIsNeverNarrowedAndAnEarlierChoiceIsUndone() throws IOException {
        try (Enforcement enforcement = enforcement("narrow")) {
            enforcement.block("sasl_user:postmaster@example.org", block("hold", HOME));
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.write();
        }
        assertThat(lines()).hasSize(2);

        try (Enforcement enforcement = enforcement("observe")) {
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.write();
        }

        assertThat(lines()).isEmpty();
    }

    /** Names of any characters: no line of the file is other than ours, and what it says of others stays true. */
    @Test
    void noNameStartsAnotherEntryOrField() throws IOException {
        String alphabet = "ab/:\n\r\t #%{}=,;\\\u0000\u0085\u2028é*?\"'";
        var random = new Random(20);
        try (Enforcement enforcement = enforcement("narrow")) {
            for (int i = 0; i < 3000; i++) {
                var name = new StringBuilder();
                for (int c = 1 + random.nextInt(9); c > 0; c--) {
                    name.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                enforcement.block("sasl_user:" + name, block("hold", HOME));
            }
            enforcement.block("sasl_user:ann", block("hold", HOME));
            enforcement.write();
        }

        assertThat(lines()).hasSizeGreaterThan(500).allSatisfy(line -> {
            String[] fields = line.split(":", 8);
            assertThat(fields).hasSize(8);
            assertThat(fields[0]).matches("(imap|pop3)/[^\\p{Cntrl}]+");
            assertThat(fields[7]).isEqualTo(" postbrake_nets=198.51.0.0/16,2001:db8::/32,127.0.0.0/8");
        });
        assertThat(lines().stream().filter(line -> line.startsWith("imap/ann:")))
                .hasSize(1);
    }

    @Test
    void theAddressesOfBothReleasesAreRead() {
        assertThat(MailboxSessions.addresses("username\tproto\tpid\tip\nann\timap\t7\t203.0.113.9\n"))
                .containsExactly("203.0.113.9");
        assertThat(
                        MailboxSessions.addresses(
                                "username\tservice\tpid\tip\tdest_ip\nann\timap\t7\t2001:db8::9\t\nann\timap\t8\t203.0.113.9\t\n"))
                .containsExactly("2001:db8::9", "203.0.113.9");
        assertThat(MailboxSessions.addresses("")).isEmpty();
        assertThat(MailboxSessions.addresses("doveconf: Warning: Obsolete setting in dovecot.conf:7: ssl_protocols\n"
                        + "username\tproto\tpid\tip\nann\timap\t7\t203.0.113.9\n"))
                .containsExactly("203.0.113.9");
    }

    /** doveadm takes what begins with a hyphen for options: {@code -aHOST:PORT} is a server that it asks. */
    @Test
    void noNameIsAnOptionOfDoveadm() throws Exception {
        Path said = dir.resolve("said-to-doveadm");
        Path doveadm = dir.resolve("doveadm");
        Files.writeString(doveadm, "#!/bin/sh\necho \"$*\" >> " + said + "\n");
        Files.setPosixFilePermissions(doveadm, PosixFilePermissions.fromString("rwxr-xr-x"));
        var config = new DovecotConfig("narrow", List.of("imap"), List.of(), "dovecot", List.of(doveadm.toString()));

        try (var sessions = new MailboxSessions(config, new Mailboxes(config, NeverBlock.of(List.of())))) {
            sessions.inForce("sasl_user:-a127.0.0.1:1", block("hold", HOME), false);
            for (int i = 0; i < 1000 && !(Files.exists(said) && Files.size(said) > 0); i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }

        assertThat(Files.readAllLines(said)).first().isEqualTo("-f tab who -1 -- -a127.0.0.1:1");
    }

    @Test
    void whatIsWrongWithTheSettingsIsSaid() {
        assertThatThrownBy(() -> config(Map.of("policy.dovecot.always", "192.0.2.1/24")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.dovecot.always");
        assertThatThrownBy(() -> config(Map.of("policy.dovecot.services", "imap:x")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.dovecot.services");
        assertThatThrownBy(() -> config(Map.of("policy.dovecot.doveadm", "doveadm")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("whole path");
    }

    private PolicySinkConfig config(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("policy.map.path", dir.resolve("blocked.lmdb").toString());
        settings.put("policy.bootstrap.servers", "127.0.0.1:1");
        return new PolicySinkConfig(settings);
    }

    private Enforcement enforcement(String mode) throws IOException {
        var config = new DovecotConfig(mode, List.of("imap", "pop3"), List.of("127.0.0.0/8"), "dovecot", List.of());
        TextTable table = TextTable.mailboxes(file(), "dovecot", !mode.equals("observe"));
        var enforcement = new Enforcement(
                table,
                SaidFile.create(dir.resolve("said"), 1 << 24),
                new Mailboxes(config, NeverBlock.of(List.of("postmaster"))),
                new Replies(Map.of()),
                Clock.fixed(NOW, ZoneOffset.UTC));
        enforcement.caughtUp();
        return enforcement;
    }

    private static Wanted block(String action, List<String> homes) {
        Instant at = NOW.minusSeconds(5);
        return new Wanted("block", action, null, "k7f2", at, at, NOW.plusSeconds(600), null, homes);
    }

    private Path file() {
        return dir.resolve("blocked-mailboxes");
    }

    private List<String> lines() throws IOException {
        return Files.readString(file())
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }
}
