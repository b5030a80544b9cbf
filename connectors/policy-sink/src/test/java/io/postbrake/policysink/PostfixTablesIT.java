package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real Postfix makes of each table and answer, and of a map that was lost. */
@Timeout(120)
class PostfixTablesIT {

    private static final String ALICE = "alice@my-domain.net";
    private static PostfixHost postfix;
    private static PolicyMap accounts;
    private static PolicyMap clients;
    private static TextTable ranges;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        accounts = PolicyMap.open(postfix.map(), 1L << 30);
        clients = PolicyMap.open(postfix.map().resolveSibling("blocks-clients.lmdb"), 1L << 30);
        ranges = TextTable.ranges(postfix.map().resolveSibling("blocks-ranges.cidr"));
        for (PolicyTable table : List.of(accounts, clients, ranges)) {
            table.rebuild(to -> {});
        }
        postfix.account("alice", "secret-a");
        String name = clients.path().toString().replaceFirst("\\.lmdb$", "");
        postfix.setting(
                "smtpd_client_restrictions",
                "check_client_access lmdb:" + name + ", check_client_access cidr:" + ranges.path());
        postfix.start();
    }

    @AfterEach
    void nobodyIsBlocked() throws IOException {
        for (PolicyTable table : List.of(accounts, clients, ranges)) {
            Map<String, Entry> none = new HashMap<>();
            Tables.all(table).keySet().forEach(key -> none.put(key, null));
            table.apply(none);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (postfix != null) {
            postfix.close();
            accounts.close();
            clients.close();
        }
    }

    @Test
    void aBlockedAddressOrNetworkIsRefusedInTheOpenSession() throws IOException {
        try (SmtpSession session = session()) {
            assertThat(send(session)).startsWith("250");

            clients.apply(Map.of("127.0.0.1", reply("REJECT 5.7.1 no [pb:ip]")));
            assertThat(send(session)).startsWith("554 5.7.1 ").endsWith("no [pb:ip]");

            clients.apply(Map.of("127.0.0.1", reply("DUNNO"), "127", reply("REJECT 5.7.1 no [pb:net]")));
            assertThat(send(session)).as("exempt from its network").startsWith("250");

            Map<String, Entry> changes = new HashMap<>();
            changes.put("127.0.0.1", null);
            clients.apply(changes);
            assertThat(send(session)).endsWith("no [pb:net]");
        }
    }

    @Test
    void aBlockedRangeIsRefusedInNewSessionsOnceReloaded() throws Exception {
        try (SmtpSession open = session()) {
            ranges.apply(Map.of("127.0.0.0/9", reply("REJECT 5.7.1 no [pb:range]")));
            reload();

            until("a new session is refused", () -> {
                try (SmtpSession fresh = session()) {
                    return send(fresh).endsWith("no [pb:range]");
                }
            });
            assertThat(send(open)).as("a session that was open goes on").startsWith("250");
        }
        ranges.apply(single("127.0.0.0/9", null));
        reload();
        until("the range is free again", PostfixTablesIT::accepts);
    }

    @Test
    void everyActionIsAnsweredAsItsName() throws Exception {
        Replies replies = EnforcementTest.replies();
        try (SmtpSession session = session()) {
            accounts.apply(Map.of(ALICE, replies.of(EnforcementTest.block("hold", null, "h"))));
            assertThat(send(session)).startsWith("250 2.0.0 Ok: queued as");
            try (var held = Files.list(postfix.configuration().resolve("queue/hold"))) {
                assertThat(held).isNotEmpty();
            }

            accounts.apply(Map.of(ALICE, replies.of(EnforcementTest.block("defer", null, "d"))));
            assertThat(send(session)).startsWith("450 4.7.1 ").endsWith("[pb:d]");

            accounts.apply(Map.of(ALICE, replies.of(EnforcementTest.block("disconnect", null, "x"))));
            assertThatThrownBy(() -> send(session)).as("it hung up").isInstanceOf(IOException.class);
        }
        var logged = Pattern.compile("reject: RCPT from [^\n]*: 421 4\\.7\\.1 [^\n]*\\[pb:x\\]");
        until("it is in the log", () -> logged.matcher(postfix.log()).find());
    }

    /** Ends of entries stand behind the NUL: neither a session nor an operator's postmap may see them. */
    @Test
    void theEndOfAnEntryIsInvisibleToPostfix() throws IOException {
        accounts.apply(Map.of(ALICE, new Entry("REJECT 5.7.1 no [pb:end]", 1_900_000_000_000L)));

        String asked =
                PostfixCommands.run(List.of("postmap", "-q", ALICE, "lmdb:" + withoutEnding(accounts.path())), "");
        String listed = PostfixCommands.run(List.of("postmap", "-s", "lmdb:" + withoutEnding(accounts.path())), "");

        assertThat(asked).isEqualTo("REJECT 5.7.1 no [pb:end]\n");
        assertThat(listed).isEqualTo(ALICE + "\tREJECT 5.7.1 no [pb:end]\n");
    }

    @Test
    void aMapThatGrewBeyondItsFirstSizeGoesOnBeingRead() throws IOException {
        Map<String, Entry> many = new HashMap<>();
        String text = "REJECT 5.7.1 " + "x".repeat(400);
        for (int i = 0; i < 180_000; i++) {
            many.put("someone-with-a-long-name-" + i + "@my-domain.net", reply(text));
        }
        try (SmtpSession session = session()) {
            assertThat(send(session)).startsWith("250");
            accounts.apply(many);
            assertThat(accounts.size()).isGreaterThan(64L << 20);
            assertThat(send(session)).startsWith("250");

            accounts.apply(Map.of(ALICE, reply("REJECT 5.7.1 no [pb:grown]")));
            assertThat(send(session)).endsWith("[pb:grown]");
        }
        accounts.rebuild(to -> {}); // Not one that never shrinks, for the tests that follow.
        reload();
    }

    @Test
    void aDeletedMapLetsNobodyInUntilItIsBuiltAndReloaded() throws Exception {
        Enforcement enforcement = EnforcementTest.enforcement(accounts, Clock.systemUTC());
        enforcement.caughtUp();
        enforcement.word(
                "sasl_user:thief@my-domain.net",
                new Wanted("block", "reject", null, null, Instant.now(), null, null, null));
        enforcement.write();
        enforcement.onReplaced(PostfixTablesIT::reload);
        Files.delete(accounts.path());
        reload();
        until("mail waits at its sender while there is no map", () -> {
            try (SmtpSession session = session()) {
                return send(session).startsWith("451");
            }
        });

        enforcement.tick();

        until("it flows again", PostfixTablesIT::accepts);
        assertThat(accounts.get("thief@my-domain.net")).endsWith("[pb:operator]");
    }

    @Test
    void aProgramThatFailsIsAnErrorWithItsWords() {
        assertThatThrownBy(() -> PostfixCommands.run(List.of("postconf", "-c", "/nowhere", "-n"), ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nowhere");
    }

    private static void reload() {
        new PostfixCommands(List.of(postfix.configuration().toString())).reload(Set.of(accounts.path(), ranges.path()));
    }

    private static boolean accepts() throws IOException {
        try (SmtpSession session = session()) {
            return send(session).startsWith("250");
        }
    }

    private static SmtpSession session() throws IOException {
        return postfix.login(ALICE, "secret-a");
    }

    private static String send(SmtpSession session) throws IOException {
        return session.send(ALICE, "x@example.com");
    }

    private static Entry reply(String text) {
        return new Entry(text, Entry.NEVER);
    }

    private static Map<String, Entry> single(String key, Entry entry) {
        Map<String, Entry> result = new HashMap<>();
        result.put(key, entry);
        return result;
    }

    private static String withoutEnding(Path path) {
        return path.toString().replaceFirst("\\.lmdb$", "");
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void until(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
