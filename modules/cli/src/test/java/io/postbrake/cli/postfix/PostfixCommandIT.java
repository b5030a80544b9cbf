package io.postbrake.cli.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command says of a real Postfix's configuration, and whether the lines that it prints do what they should. */
@Timeout(60)
class PostfixCommandIT {

    private static final String POLICY =
            "check_policy_service { unix:ratelimit/policy, try_limit=1, default_action=DUNNO }, permit_sasl_authenticated,"
                    + " reject";

    private PostfixHost postfix;
    private int inbound;

    private record Said(int exit, String text) {}

    /** One service takes logins and asks a policy service that is not there; another takes other servers' mail. */
    @BeforeEach
    void aPostfixThatKnowsNothingOfUs() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.setting("smtpd_recipient_restrictions", "");
        postfix.setting("smtpd_end_of_data_restrictions", "");
        postfix.setting("smtpd_sasl_auth_enable", "no");
        inbound = FreePort.next();
        String services = Files.readString(master());
        int end = services.indexOf('\n');
        Files.writeString(
                master(),
                services.substring(0, end).replace("inet n - n", "inet n - y")
                        + "\n  -o smtpd_sasl_auth_enable=yes\n  -o {smtpd_recipient_restrictions=" + POLICY + "}\n"
                        + "127.0.0.1:" + inbound + " inet n - n - - smtpd"
                        + services.substring(end));
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
        String before = recipientList();

        paste(run("print").text());

        assertThat(recipientList()).isEqualTo("check_sasl_access lmdb:" + base() + ", " + before);
        assertThat(run("check").text())
                .contains("it is not there: everybody is answered 451")
                .doesNotContain("MISSING");
        Files.writeString(Path.of(base() + "-ranges.cidr"), "# nobody\n");
        postmap("", base() + "-clients");
        postmap("", base());
        Said all = run("check");
        assertThat(all.exit()).as(all.text()).isZero();
        postfix.account("alice", "secret");
        passwordsInsideTheChroot();
        postfix.start();
        try (SmtpSession session = postfix.login("alice@my-domain.net", "secret")) {
            assertThat(session.send("alice@my-domain.net", "x@example.com")).startsWith("250");
            postmap("alice@my-domain.net REJECT 5.7.1 no [pb:setup]\n", base());
            assertThat(session.send("alice@my-domain.net", "x@example.com")).endsWith("no [pb:setup]");
        }
        try (SmtpSession other = new SmtpSession(inbound)) {
            assertThat(other.send("y@example.com", "x@example.com")).startsWith("454");
        }
        assertThat(postfix.log()).contains("x@example.com").doesNotContain("no SASL support");
        Files.setPosixFilePermissions(postfix.map(), PosixFilePermissions.fromString("rw----rw-"));
        assertThat(run("check").text()).contains("anybody on this machine may write it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check_client_access inline:{{198.51.100.7 = REJECT go, away}, 198.51.100.8=OK}, reject",
                "$early,${early?{permit_mynetworks}:{reject}} permit_sasl_authenticated",
                "warn_if_reject reject_unknown_client_hostname ,, check_sender_access pcre:{{/^x{2,3}@/ REJECT}}",
                "check_policy_service {inet:127.0.0.1:9, {timeout = 2s}, policy_context = { a, b }} reject"
            })
    void postfixReadsThePastedListAsTheOldOneBehindTheCheck(String list) throws Exception {
        Files.writeString(master(), Files.readString(master()).replace(POLICY, list));
        assertThat(recipientList()).isEqualTo(list);

        paste(run("print").text());

        assertThat(recipientList()).isEqualTo("check_sasl_access lmdb:" + base() + ", " + list);
    }

    @Test
    void anInstanceWithoutLoginsIsNoFaultBesideOneThatHasThem() throws Exception {
        paste(run("print").text());
        Files.writeString(Path.of(base() + "-ranges.cidr"), "# nobody\n");
        postmap("", base() + "-clients");
        postmap("", base());
        Path out = Files.createDirectory(postfix.configuration().resolve("out"));
        Files.writeString(out.resolve("main.cf"), "compatibility_level = 3.6\n");
        Files.writeString(out.resolve("master.cf"), "qmgr unix n - n 300 1 qmgr\n");
        postfix.setting("multi_instance_directories", out.toString());

        Said said = run("check");

        assertThat(said.exit()).as(said.text()).isZero();
        assertThat(said.text())
                .contains(postfix.configuration() + ": blocks are enforced by 127.0.0.1:")
                .contains(out + ": no account can be refused here");
    }

    @Test
    void theWayOutAgainLeadsToTheListThatThereWas() throws Exception {
        String before = recipientList();
        paste(run("print").text());

        paste(run("print", "--remove").text());

        assertThat(recipientList()).isEqualTo(before);
        assertThat(Files.readString(master())).doesNotContain("lmdb:");
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

    /** As a person would: the printed options at the end of the first service, in place of those of the same names. */
    private void paste(String printed) throws IOException {
        List<String> options =
                printed.lines().filter(line -> line.startsWith("  -o ")).toList();
        List<String> gone = printed.lines()
                .filter(line -> line.startsWith("#   without the option "))
                .map(line -> line.replaceAll("#   without the option (\\w+):.*", "$1"))
                .toList();
        List<String> names = Stream.concat(
                        options.stream().map(line -> line.replaceAll("  -o (?:\\{ ?)?(\\w+).*", "$1")), gone.stream())
                .toList();
        List<String> lines = new ArrayList<>(Files.readAllLines(master()));
        int end = 1;
        while (lines.get(end).startsWith(" ")) {
            String line = lines.get(end);
            if (names.stream().anyMatch(name -> line.matches("\\s+-o (?:\\{ ?)?" + name + "\\b.*"))) {
                lines.remove(end);
            } else {
                end++;
            }
        }
        lines.addAll(end, options);
        Files.write(master(), lines);
    }

    /** What Postfix's own reader makes of it. */
    private String recipientList() throws IOException {
        String service = Files.readString(master()).split(" ", 2)[0] + "/inet";
        String said = PostfixCommands.run(
                List.of(
                        "postconf",
                        "-c",
                        postfix.configuration().toString(),
                        "-P",
                        service + "/smtpd_recipient_restrictions"),
                "");
        return said.strip().replaceFirst("[^=]*= ", "");
    }

    private Path master() {
        return postfix.configuration().resolve("master.cf");
    }

    private String base() {
        return postfix.map().toString().replaceFirst("\\.lmdb$", "");
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

    private Said run(String... command) {
        var out = new StringWriter();
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of(
                "--config-dir",
                postfix.configuration().toString(),
                "--map",
                postfix.map().toString()));
        int exit = new CommandLine(new PostfixCommand())
                .setOut(new PrintWriter(out, true))
                .execute(words.toArray(String[]::new));
        return new Said(exit, out.toString());
    }
}
