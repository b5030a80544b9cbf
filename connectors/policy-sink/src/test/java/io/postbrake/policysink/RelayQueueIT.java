package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting mail of senders without a login, in a real queue: held, released, and nobody else's. */
@Timeout(120)
class RelayQueueIT {

    private static final String BOSS = "boss@my-domain.net";
    private static final String HERE = "relay_sender:" + BOSS + " from 127.0.0.1 on mx1";
    private static final String WEBMAIL = "relay_sender:" + BOSS + " from 192.168.7.9 on mx1";

    private PostfixHost postfix;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        postfix.account("alice", "secret");
        try (PolicyMap map = PolicyMap.open(postfix.map(), 1L << 30)) {
            map.rebuild(to -> {});
        }
        Path clients = postfix.map().resolveSibling("blocks-relay.lmdb");
        try (RelayTable table = RelayTable.open(clients, 1L << 30, true, new RelayClasses())) {
            table.rebuild(to -> {});
        }
        postfix.setting("smtpd_restriction_classes", "postbrake_relay_1");
        postfix.setting(
                "postbrake_relay_1",
                "check_sender_access lmdb:"
                        + RelayTable.senders(clients, 1).toString().replaceFirst("\\.lmdb$", ""));
        postfix.setting(
                "smtpd_recipient_restrictions",
                "check_client_access lmdb:" + clients.toString().replaceFirst("\\.lmdb$", "")
                        + ", permit_mynetworks, permit_sasl_authenticated, reject");
        postfix.setting("mynetworks", "192.168.7.0/24, 127.0.0.0/8");
        postfix.setting("smtpd_authorized_xclient_hosts", "127.0.0.1");
        postfix.setting("smtpd_authorized_xforward_hosts", "127.0.0.1");
        postfix.setting("defer_transports", "discard");
        postfix.start();
    }

    @AfterEach
    void stop() throws IOException {
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void overLoopbackNothingIsRefusedAndWhatWaitsIsHeld() throws Exception {
        Set<String> waiting = new HashSet<>();
        Set<String> others = new HashSet<>();
        try (SmtpSession session = postfix.connect()) {
            session.say("EHLO form.example");
            waiting.add(sent(session, BOSS));
            waiting.add(sent(session, BOSS));
            others.add(sent(session, "other@my-domain.net"));
        }
        others.add(handedBack());
        try (SmtpSession session = postfix.login("alice@my-domain.net", "secret")) {
            others.add(sent(session, BOSS));
        }
        await(
                "deferred",
                () -> in("deferred").containsAll(waiting) && in("deferred").containsAll(others));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);

            sink.polls(sink.word(HERE, "block"));

            await("held", () -> in("hold").equals(waiting));
            try (SmtpSession session = postfix.connect()) {
                session.say("EHLO form.example");
                waiting.add(sent(session, BOSS));
            }
            await("held, too", () -> in("hold").equals(waiting));
            assertThat(in("deferred")).containsAll(others);

            sink.polls(sink.word("queue:" + HERE, "release"));
            await("released", () -> in("hold").isEmpty() && in("deferred").containsAll(waiting));
        }
    }

    @Test
    void whatTheClassesOwnHoldPutAsideIsReleasedToo() throws Exception {
        Set<String> waiting = new HashSet<>();
        try (SmtpSession session = from("192.168.7.9")) {
            waiting.add(sent(session, BOSS));
        }
        await("deferred", () -> in("deferred").containsAll(waiting));
        try (SinkDriver sink = sink()) {
            sink.assigned();
            caughtUp(sink);
            sink.polls(sink.block(WEBMAIL, "hold"));
            await("held", () -> in("hold").equals(waiting));
            try (SmtpSession session = from("192.168.7.9")) {
                waiting.add(sent(session, BOSS));
                assertThat(in("hold")).as("by Postfix, at once").isEqualTo(waiting);
            }
            try (SmtpSession session = from("192.168.7.20")) {
                sent(session, BOSS);
            }

            await("released", () -> {
                sink.polls(sink.word("queue:" + WEBMAIL, "release")); // Until the log was read as far as that.
                return in("deferred").containsAll(waiting);
            });
        }
    }

    @Test
    void withoutTheChoiceNothingIsHeld() throws Exception {
        Set<String> waiting = new HashSet<>();
        try (SmtpSession session = postfix.connect()) {
            session.say("EHLO form.example");
            waiting.add(sent(session, BOSS));
        }
        await("deferred", () -> in("deferred").containsAll(waiting));
        try (SinkDriver sink = new SinkDriver(
                postfix.map(),
                (client, partitions) -> Map.of(SinkDriver.BLOCKS, 0L, SinkDriver.WORDS, 0L),
                settings("observe"))) {
            sink.assigned();
            caughtUp(sink);

            sink.polls(sink.word(HERE, "block"));
            sink.polls(sink.block("sasl_user:alice@my-domain.net", "reject"));
            try (SmtpSession session = postfix.login("alice@my-domain.net", "secret")) {
                await("the account's is", () -> !send(session, BOSS).startsWith("250"));
            }
            TimeUnit.MILLISECONDS.sleep(2 * RelayedMail.SETTLES_AFTER_MS);

            assertThat(in("hold")).isEmpty();
        }
    }

    /** As a content filter does: from loopback, and it says whose mail it is. */
    private String handedBack() throws IOException {
        try (SmtpSession session = postfix.connect()) {
            session.say("EHLO filter.example");
            assertThat(session.say("XFORWARD NAME=[UNAVAILABLE] ADDR=203.0.113.9 PROTO=ESMTP HELO=laptop"))
                    .startsWith("250");
            return sent(session, BOSS);
        }
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

    private static String sent(SmtpSession session, String sender) throws IOException {
        String reply = send(session, sender);
        assertThat(reply).startsWith("250 2.0.0 Ok: queued as ");
        return reply.substring(reply.lastIndexOf(' ') + 1);
    }

    private SinkDriver sink() {
        return new SinkDriver(
                postfix.map(),
                (client, partitions) -> Map.of(SinkDriver.BLOCKS, 0L, SinkDriver.WORDS, 0L),
                settings("refuse"));
    }

    private Map<String, String> settings(String choice) {
        return Map.of(
                "policy.host.id",
                "mx1",
                "policy.registry.url",
                "http://127.0.0.1:1",
                "policy.relay.clients",
                choice,
                "policy.log.paths",
                postfix.logFile().resolveSibling("mail*.log").toString(),
                "policy.postfix.config.directories",
                postfix.configuration().toString());
    }

    /** Polls until a block is written, and lifts it again. */
    private void caughtUp(SinkDriver sink) throws Exception {
        sink.polls(sink.block("sasl_user:marker", "hold"));
        await("caught up", () -> {
            sink.polls();
            return PolicyMap.read(postfix.map(), "marker").isPresent();
        });
        sink.polls(sink.record(SinkDriver.BLOCKS, "sasl_user:marker", null));
    }

    private Set<String> in(String queue) throws IOException {
        while (true) {
            try (Stream<Path> files =
                    Files.walk(postfix.configuration().resolve("queue").resolve(queue))) {
                return files.filter(Files::isRegularFile)
                        .map(file -> file.getFileName().toString())
                        .collect(Collectors.toCollection(TreeSet::new));
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
                // Postfix moved a message meanwhile.
            }
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime())
                    .as(what + "; hold " + in("hold") + ", deferred " + in("deferred") + "\n" + postfix.log())
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
