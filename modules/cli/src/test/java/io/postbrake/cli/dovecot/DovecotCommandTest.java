package io.postbrake.cli.dovecot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DovecotCommandTest {

    /** As doveconf 2.3.19 says it of Debian's configuration with one more database. */
    private static final String OLD = """
            # 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
            # Pigeonhole version 0.5.19 (4eae2f79)
            mail_location = mbox:~/mail:INBOX=/var/mail/%u
            namespace inbox {
              inbox = yes
              mailbox Drafts {
                special_use = \\Drafts
              }
            }
            passdb {
              args = /etc/dovecot/users
              driver = passwd-file
              override_fields = proxy_maybe=y
            }
            passdb {
              driver = pam
            }
            protocols = " imap lmtp"
            """;

    /** As doveconf 2.4.1 says it. */
    private static final String NEW = """
            # 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf
            dovecot_config_version = 2.4.1
            passdb pam {
            }
            userdb passwd {
            }
            """;

    @TempDir
    private Path dir;

    private final StringWriter said = new StringWriter();

    @Test
    void whatIsPrintedMakesTheCheckContentInBothReleases() throws IOException {
        assertThat(run("check", OLD)).isEqualTo(1);
        assertThat(said.toString())
                .contains("no passdb reads", "passdb pam asks for no networks", "auth_verbose is no");
        String old = OLD.replace("passdb {\n  args = /etc", printed(OLD) + "passdb {\n  args = /etc")
                .replace(
                        "override_fields = proxy_maybe=y",
                        "override_fields = proxy_maybe=y allow_nets=%{passdb:postbrake_nets:0.0.0.0/0,::/0}")
                .replace(
                        "driver = pam",
                        "driver = pam\n  override_fields = allow_nets=%{passdb:postbrake_nets:0.0.0.0/0,::/0}");
        assertThat(run("check", old)).as(said.toString()).isZero();
        // As doveconf -n says it, for that is the default.
        assertThat(run("check", old.replace("  result_internalfail = continue\n", "")))
                .as(said.toString())
                .isZero();

        String modern = NEW.replace("passdb pam {\n", printed(NEW) + """
                passdb pam {
                  fields {
                    allow_nets = %{passdb:postbrake_nets | default('0.0.0.0/0,::/0')}
                  }
                """);
        assertThat(run("check", modern)).as(said.toString()).isZero();
        assertThat(run("check", modern.replace("    noauthenticate = yes\n", "")))
                .isEqualTo(1);
        assertThat(said.toString()).contains("DANGEROUS", "noauthenticate");
    }

    @Test
    void linesOfThatADatabaseHasAlreadyAreKept() throws IOException {
        run("print", OLD);

        assertThat(said.toString())
                .contains("override_fields = proxy_maybe=y allow_nets=%{passdb:postbrake_nets:0.0.0.0/0,::/0}");
    }

    @Test
    void aFileThatStandsBehindThePasswordsOrMayShutAllOutIsTold() throws IOException {
        String behind =
                OLD + printed(OLD).replace("result_internalfail = continue", "result_internalfail = return-fail");

        assertThat(run("check", behind)).isEqualTo(1);

        assertThat(said.toString())
                .contains("stands before the passdb of", "while the file cannot be read, nobody logs in");
    }

    @Test
    void whoAsksByTheAuthPolicyNeedsNoLinesInDatabasesAndSendsNoHashOfAPassword() throws IOException {
        String old = OLD + "auth_policy_server_url = http://127.0.0.1:9408/\n";
        String modern = NEW + "auth_policy {\n  server_url = http://127.0.0.1:9408/\n}\n";

        assertThat(run("check", old)).as(said.toString()).isZero();
        assertThat(run("check", modern)).as(said.toString()).isZero();
        assertThat(run("print", OLD, "--auth-policy", "127.0.0.1:9408")).isZero();
        assertThat(said.toString())
                .contains("= login=%u protocol=%s remote=%{rip}\n")
                .doesNotContain("pwhash");
        assertThat(run("print", NEW, "--auth-policy", "127.0.0.1:9408")).isZero();
        assertThat(said.toString()).contains("  pwhash =\n");
    }

    @Test
    void whatIsNoConfigurationIsRefused() throws IOException {
        assertThat(run("check", "passdb {\n}\n")).isEqualTo(1);
    }

    /** The passdb of the printed steps, without what explains it. */
    private String printed(String configuration) throws IOException {
        run("print", configuration);
        String all = said.toString();
        return all.substring(all.indexOf("passdb "), all.indexOf("# 3.")).stripLeading();
    }

    private int run(String command, String configuration, String... more) throws IOException {
        Path file = Files.writeString(dir.resolve("doveconf"), configuration);
        said.getBuffer().setLength(0);
        return new CommandLine(new DovecotCommand())
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(Stream.concat(
                                Stream.of(command, "--saved", file.toString(), "--map", dir + "/blocked.lmdb"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }
}
