package io.postbrake.cli.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What the command says of a real Postfix's configuration, and whether the lines that it prints do what they should. */
@Timeout(60)
class PostfixCommandIT {

    private PostfixHost postfix;

    private record Said(int exit, String text) {}

    @BeforeEach
    void aPostfixThatKnowsNothingOfUs() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.setting("smtpd_recipient_restrictions", "permit_sasl_authenticated, reject");
        postfix.setting("smtpd_end_of_data_restrictions", "");
        Path master = postfix.configuration().resolve("master.cf");
        Files.writeString(master, Files.readString(master).replace("inet n - n", "inet n - y"));
    }

    @AfterEach
    void stop() throws Exception {
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void theLinesThatItPrintsMakeAChrootedPostfixRefuse() throws Exception {
        assertThat(run("check").exit()).isEqualTo(1);
        assertThat(run("check").text())
                .contains("a blocked account goes on sending")
                .contains("under way");

        run("print")
                .text()
                .lines()
                .filter(line -> line.startsWith("smtpd_"))
                .map(line -> line.split(" = ", 2))
                .forEach(line -> set(line[0], line[1]));
        assertThat(run("check").text())
                .contains("it is not there: everybody is answered 451")
                .doesNotContain("MISSING");

        String base = postfix.map().toString().replaceFirst("\\.lmdb$", "");
        Files.writeString(Path.of(base + "-ranges.cidr"), "# nobody\n");
        postmap("", base + "-clients");
        postmap("", base);
        Said all = run("check");
        assertThat(all.exit()).as(all.text()).isZero();
        postfix.account("alice", "secret");
        passwordsInsideTheChroot();
        postfix.start();
        try (SmtpSession session = postfix.login("alice@my-domain.net", "secret")) {
            assertThat(session.send("alice@my-domain.net", "x@example.com")).startsWith("250");
            postmap("alice@my-domain.net REJECT 5.7.1 no [pb:setup]\n", base);
            assertThat(session.send("alice@my-domain.net", "x@example.com")).endsWith("no [pb:setup]");
        }
        Files.setPosixFilePermissions(postfix.map(), PosixFilePermissions.fromString("rw----rw-"));
        assertThat(run("check").text()).contains("anybody on this machine may write it");
    }

    @Test
    void aDirectoryWithoutAConfigurationIsTold() {
        var errors = new StringWriter();
        int exit = new CommandLine(new PostfixCommand())
                .setErr(new PrintWriter(errors, true))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println(e.getMessage());
                    return 2;
                })
                .execute("check", "--config-dir", "/nowhere");

        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("--config-dir is '/nowhere'");
    }

    private void passwordsInsideTheChroot() throws IOException {
        Path outside = postfix.configuration().resolve("sasl/sasldb2");
        Path inside = postfix.configuration().resolve("queue" + outside);
        Files.createDirectories(inside.getParent());
        Files.copy(outside, inside);
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private void postmap(String entries, String table) throws IOException {
        PostfixCommands.run(
                List.of("postmap", "-c", postfix.configuration().toString(), "-i", "-r", "lmdb:" + table), entries);
    }

    private void set(String name, String value) {
        try {
            postfix.setting(name, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Said run(String command) {
        var out = new StringWriter();
        int exit = new CommandLine(new PostfixCommand())
                .setOut(new PrintWriter(out, true))
                .execute(
                        command,
                        "--config-dir",
                        postfix.configuration().toString(),
                        "--map",
                        postfix.map().toString());
        return new Said(exit, out.toString());
    }
}
