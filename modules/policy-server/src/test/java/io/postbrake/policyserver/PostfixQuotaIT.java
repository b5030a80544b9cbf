package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.settings.Settings;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Postfix asks, with real logins. */
class PostfixQuotaIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final String BOB = "bob@my-domain.net";
    private static final String VICTIM = "victim@elsewhere.example";

    @TempDir
    private Path state;

    private PostfixHost postfix;
    private PolicyServer server;

    @BeforeEach
    void lay() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.setting("smtpd_end_of_data_restrictions", "");
        postfix.account("alice", "secret-a");
        postfix.account("bob", "secret-b");
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void aLoginBeyondItsCeilingIsRefusedAndNobodyElse() throws Exception {
        server = server(Map.of("login.messages", "3/1h"));
        asks("smtpd_recipient_restrictions", "smtpd_end_of_data_restrictions");

        try (SmtpSession alice = postfix.login(ALICE, "secret-a");
                SmtpSession bob = postfix.login(BOB, "secret-b")) {
            for (int i = 0; i < 3; i++) {
                assertThat(alice.send(ALICE, VICTIM)).startsWith("250 2.0.0");
            }
            assertThat(alice.send("somebody@else.example", VICTIM))
                    .startsWith("450 4.7.1 <" + VICTIM + ">: Recipient address rejected: Sending limit reached");
            assertThat(bob.send(BOB, VICTIM)).startsWith("250 2.0.0");
        }
    }

    @Test
    void countsOutliveTheServerInASessionThatStaysOpen() throws Exception {
        server = server(Map.of("login.messages", "3/1h"));
        asks("smtpd_recipient_restrictions");

        try (SmtpSession alice = postfix.login(ALICE, "secret-a")) {
            assertThat(alice.send(ALICE, VICTIM)).startsWith("250 2.0.0");
            assertThat(alice.send(ALICE, VICTIM)).startsWith("250 2.0.0");
            server.close();
            server = server(Map.of("login.messages", "3/1h"));
            assertThat(alice.send(ALICE, VICTIM)).startsWith("250 2.0.0");
            assertThat(alice.send(ALICE, VICTIM)).startsWith("450 4.7.1");
        }
        assertThat(postfix.log()).doesNotContain("problem talking to server");
    }

    @Test
    void recipientsThatPostfixRefusesItselfAreGivenBackAtData() throws Exception {
        server = server(Map.of("login.recipients", "4/1h"));
        postfix.setting("smtpd_data_restrictions", "check_policy_service " + service());
        postfix.setting(
                "smtpd_recipient_restrictions",
                "check_policy_service " + service()
                        + ", check_recipient_access inline:{nobody@elsewhere.example=REJECT},"
                        + " permit_sasl_authenticated, reject");
        postfix.start();

        try (SmtpSession alice = postfix.login(ALICE, "secret-a")) {
            for (int i = 0; i < 3; i++) {
                assertThat(alice.say("MAIL FROM:<" + ALICE + ">")).startsWith("250");
                assertThat(alice.say("RCPT TO:<nobody@elsewhere.example>")).startsWith("554");
                assertThat(alice.say("RCPT TO:<" + VICTIM + ">")).startsWith("250");
                assertThat(alice.say("DATA")).startsWith("354");
                assertThat(alice.finish()).startsWith("250 2.0.0");
            }
            assertThat(alice.say("MAIL FROM:<" + ALICE + ">")).startsWith("250");
            assertThat(alice.say("RCPT TO:<one@elsewhere.example>")).startsWith("250");
            assertThat(alice.say("RCPT TO:<two@elsewhere.example>")).startsWith("450 4.7.1");
        }
    }

    @Test
    void aServerThatIsAwayStopsNoMail() throws Exception {
        server = server(Map.of("login.messages", "3/1h"));
        asks("smtpd_recipient_restrictions");
        server.close();

        try (SmtpSession alice = postfix.login(ALICE, "secret-a")) {
            assertThat(alice.send(ALICE, VICTIM)).startsWith("250 2.0.0");
        }
    }

    private void asks(String... lists) throws Exception {
        for (String list : lists) {
            postfix.setting(list, "check_policy_service " + service() + ", permit_sasl_authenticated, reject");
        }
        postfix.start();
    }

    private static String service() {
        return "{ unix:postbrake/policy, timeout=2s, try_limit=2, default_action=DUNNO }";
    }

    private PolicyServer server(Map<String, String> limits) throws IOException {
        Path socket = postfix.configuration().resolve("queue/postbrake/policy");
        var settings = Settings.of(Map.of("quotas", Map.of("listen", "unix:" + socket, "limits", limits)))
                .collecting();
        var config = PolicyServerConfig.of(settings);
        assertThat(settings.problems()).isEqualTo(List.of());
        return PolicyServer.start(config, state);
    }
}
