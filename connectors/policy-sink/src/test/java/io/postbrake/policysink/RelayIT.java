package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real Postfix makes of blocked senders of clients that relay without a login. */
@Timeout(120)
class RelayIT {

    private static final String WEBMAIL = "192.168.7.9";
    private static final String SCANNER = "192.168.7.20";
    private static final String BOSS = "boss@my-domain.net";

    private PostfixHost postfix;
    private RelayTable table;
    private Enforcement enforcement;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        try (PolicyMap accounts = PolicyMap.open(postfix.map(), 1L << 30)) {
            accounts.rebuild(to -> {});
        }
        Path clients = postfix.map().resolveSibling("blocks-relay.lmdb");
        var classes = new RelayClasses();
        table = RelayTable.open(clients, 1L << 30, true, classes);
        var subjects = new RelaySenders("mx1", true, NeverBlock.of(List.of("postmaster")), classes);
        enforcement =
                new Enforcement(table, Tables.said(table), subjects, EnforcementTest.replies(), Clock.systemUTC());
        enforcement.caughtUp();
        String ask = "check_client_access lmdb:" + clients.toString().replaceFirst("\\.lmdb$", "");
        StringBuilder names = new StringBuilder();
        for (int i = 1; i <= RelayClasses.COUNT; i++) {
            String senders = RelayTable.senders(clients, i).toString().replaceFirst("\\.lmdb$", "");
            postfix.setting(RelayClasses.name(i), "check_sender_access lmdb:" + senders);
            names.append(' ').append(RelayClasses.name(i));
        }
        postfix.setting("smtpd_restriction_classes", names.toString().strip());
        postfix.setting("smtpd_recipient_restrictions", ask + ", permit_mynetworks, reject");
        postfix.setting("smtpd_end_of_data_restrictions", ask);
        postfix.setting("mynetworks", "192.168.7.0/24, 127.0.0.0/8");
        postfix.setting("smtpd_authorized_xclient_hosts", "127.0.0.1");
        postfix.setting("recipient_delimiter", "+");
        postfix.start();
    }

    @AfterEach
    void stop() throws IOException {
        if (postfix != null) {
            enforcement.close();
            table.close();
            postfix.close();
        }
    }

    @Test
    void aSenderIsRefusedFromItsClientAndNoOtherMailIsUntilItIsUnblocked() throws IOException {
        try (SmtpSession open = from(WEBMAIL)) {
            assertThat(send(open, BOSS)).startsWith("250");

            block(BOSS, WEBMAIL, "reject", "r1");

            assertThat(send(open, "BOSS@My-Domain.net"))
                    .startsWith("554 5.7.1 ")
                    .endsWith("[pb:r1]");
            assertThat(send(open, "boss+news@my-domain.net"))
                    .as("an extension of it")
                    .endsWith("[pb:r1]");
            assertThat(send(open, "other@my-domain.net")).startsWith("250");
            assertThat(send(open, "boss@other.example")).startsWith("250");
        }
        for (String elsewhere : List.of(SCANNER, "127.0.0.1")) {
            try (SmtpSession session = from(elsewhere)) {
                assertThat(send(session, BOSS)).as(elsewhere).startsWith("250");
            }
        }
        try (SmtpSession session = from(WEBMAIL)) {
            block("other@my-domain.net", WEBMAIL, "hold", "h1");
            block(BOSS, SCANNER, "defer", "d1");
            assertThat(send(session, "other@my-domain.net")).startsWith("250 2.0.0 Ok: queued as");
            try (var held = Files.list(postfix.configuration().resolve("queue/hold"))) {
                assertThat(held).hasSize(1);
            }
            try (SmtpSession scanner = from(SCANNER)) {
                assertThat(send(scanner, BOSS)).startsWith("450 4.7.1 ").endsWith("[pb:d1]");
                assertThat(send(scanner, "other@my-domain.net")).startsWith("250");
            }

            unblock(BOSS, WEBMAIL);

            assertThat(send(session, BOSS)).startsWith("250");
        }
        assertThat(postfix.log())
                .contains("<" + BOSS + ">: Sender address rejected: ")
                .contains("hold: RCPT from", "<other@my-domain.net>: Sender address ", "[pb:h1]");
    }

    @Test
    void aMessageThatWasUnderWayIsRefusedAtItsEnd() throws IOException {
        try (SmtpSession session = from(WEBMAIL)) {
            assertThat(session.begin(BOSS, "x@example.com")).startsWith("354");

            block(BOSS, WEBMAIL, "reject", "r1");

            assertThat(session.finish()).startsWith("554 5.7.1 ").endsWith("[pb:r1]");
        }
    }

    /** What `postbrake postfix check` warns of: whose mail waits while a class's table is not there. */
    @Test
    void withoutAClassesTableItsClientAloneIsDeferred() throws Exception {
        block(BOSS, WEBMAIL, "reject", "r1");
        Files.delete(RelayTable.senders(table.path(), 1));
        reload();

        until(() -> {
            try (SmtpSession session = from(WEBMAIL)) {
                return send(session, "other@my-domain.net").startsWith("451");
            }
        });
        try (SmtpSession scanner = from(SCANNER)) {
            assertThat(send(scanner, BOSS)).startsWith("250");
        }

        enforcement.tick();
        reload();

        until(() -> {
            try (SmtpSession session = from(WEBMAIL)) {
                return send(session, "other@my-domain.net").startsWith("250")
                        && send(session, BOSS).endsWith("[pb:r1]");
            }
        });
    }

    /** A class that main.cf lacks, and the table of clients names, is a mistake of the configuration to Postfix. */
    @Test
    void withoutTheClassesInMainCfTheirClientsAloneAreDeferred() throws Exception {
        block(BOSS, WEBMAIL, "reject", "r1");
        postfix.setting("smtpd_restriction_classes", "");
        reload();

        until(() -> {
            try (SmtpSession session = from(WEBMAIL)) {
                return send(session, "other@my-domain.net").startsWith("451");
            }
        });
        try (SmtpSession scanner = from(SCANNER)) {
            assertThat(send(scanner, BOSS)).startsWith("250");
        }
    }

    private void block(String sender, String client, String action, String reference) throws IOException {
        Instant now = Instant.now();
        enforcement.block(
                key(sender, client),
                new Wanted("block", action, null, reference, now, now, now.plusSeconds(3600), reference));
        enforcement.write();
    }

    private void unblock(String sender, String client) throws IOException {
        enforcement.word(key(sender, client), new Wanted("unblock", null, null, null, Instant.now(), null, null, null));
        enforcement.write();
    }

    private static String key(String sender, String client) {
        return "relay_sender:" + sender + " from " + client + " on mx1";
    }

    private SmtpSession from(String client) throws IOException {
        SmtpSession session = postfix.connect();
        session.say("EHLO proxy.example");
        assertThat(session.say("XCLIENT NAME=[UNAVAILABLE] ADDR=" + client)).startsWith("220");
        assertThat(session.say("EHLO client.example")).startsWith("250");
        return session;
    }

    private static String send(SmtpSession session, String sender) throws IOException {
        return session.send(sender, "x@example.com");
    }

    private void reload() {
        new PostfixCommands(List.of(postfix.configuration().toString())).reload(java.util.Set.of(table.path()));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
