package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.finding.Finding;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.LocalMail;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.RefusingMilter;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One real Postfix with all of ours: refused thieves, local users, clients that relay, a SASL server that is away, a service that does not ask. */
@Timeout(120)
class RealServerIT {

    private static final Path SASLAUTHD = Path.of("/usr/sbin/saslauthd");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    private static Path dir;

    private static PostfixHost postfix;
    private static LocalMail localMail;
    private static RefusingMilter milter;
    private static LocalStack stack;
    /** Ports of services beside the first. */
    private static int saslauthd;

    private static int careless;

    @BeforeAll
    static void runs() throws Exception {
        Optional<String> missing = Stream.of(
                        PostfixHost.missing(),
                        RefusingMilter.missing(),
                        LocalMail.missing(),
                        Files.exists(SASLAUTHD)
                                ? Optional.<String>empty()
                                : Optional.of(SASLAUTHD + " is missing: install sasl2-bin"))
                .flatMap(Optional::stream)
                .findFirst();
        Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
        postfix = PostfixHost.create();
        localMail = LocalMail.of(postfix);
        milter = RefusingMilter.start("thief@", dir.resolve("milter.log"));
        for (String name : List.of("thief", "colleague", "owner")) {
            postfix.account(name, "secret");
        }
        saslauthd = service("smtpd_sasl_path=remote");
        careless = service(
                "smtpd_recipient_restrictions=permit_sasl_authenticated,reject", "smtpd_end_of_data_restrictions=");
        Files.writeString(
                postfix.configuration().resolve("sasl/remote.conf"),
                "pwcheck_method: saslauthd\nsaslauthd_path: " + socket() + "/mux\nmech_list: PLAIN LOGIN\n");
        Files.createDirectory(socket());
        var host = new LocalConfig.Host(
                "mx1",
                postfix.logFile(),
                postfix.map(),
                postfix.configuration(),
                Map.of(),
                Map.of("policy.local.users", "refuse", "policy.relay.clients", "refuse"));
        stack = LocalStack.start(
                new LocalConfig(List.of(host), dir.resolve("data"), 0, 0, null, -1, List.of(), detection()),
                part -> {});
        Operator.awaits("the detector runs", stack::ready);
        Operator.awaits(
                "the tables are there",
                () -> Files.exists(postfix.map())
                        && Files.exists(clients())
                        && Files.exists(users())
                        && Files.exists(Path.of(base() + "-relay.lmdb")));
        postfix.setting("smtpd_milters", milter.address());
        postfix.setting("smtpd_authorized_xclient_hosts", "127.0.0.1");
        postfix.setting("smtpd_client_restrictions", "check_client_access lmdb:" + base() + "-clients");
        postfix.setting("authorized_submit_users", "!texthash:" + users() + ", static:anyone");
        relaying();
        postfix.start();
    }

    /** As `postbrake postfix print --relay-clients` has it, for a service that takes logins, too. */
    private static void relaying() throws IOException {
        var classes = new StringBuilder();
        for (int i = 1; i <= 8; i++) {
            classes.append(" postbrake_relay_").append(i);
            postfix.setting("postbrake_relay_" + i, "check_sender_access lmdb:" + base() + "-relay-" + i);
        }
        postfix.setting("smtpd_restriction_classes", classes.toString().strip());
        postfix.setting("mynetworks", "192.168.7.0/24");
        postfix.setting(
                "smtpd_recipient_restrictions",
                "check_sasl_access lmdb:" + base() + ", check_client_access lmdb:" + base()
                        + "-relay, permit_mynetworks, permit_sasl_authenticated, reject");
    }

    /** What takes an hour is to take seconds. */
    private static DetectionConfig detection() {
        return DetectionConfig.of(Map.of(
                "risk.hold",
                0.5,
                "risk.defer",
                0.5,
                "risk.reject",
                0.5,
                "detectors.velocity-ceiling.messages-per-hour",
                5,
                "detectors.velocity-ceiling.known-place-factor",
                1,
                "detectors.sending-without-login.stop-local-users",
                true,
                "detectors.sending-without-login.stop-relay-senders",
                true,
                "hosts.confirm.within",
                "1s"));
    }

    @AfterAll
    static void ends() throws Exception {
        for (AutoCloseable part : new AutoCloseable[] {stack, postfix, milter}) {
            if (part != null) {
                part.close();
            }
        }
    }

    @Test
    void aThiefWhoseEveryMessageAMilterRefusesIsBlocked() throws Exception {
        try (SmtpSession thief = from("203.0.113.7", postfix.connect());
                SmtpSession colleague = from("203.0.113.8", postfix.connect())) {
            thief.login("thief@my-domain.net", "secret");
            colleague.login("colleague@my-domain.net", "secret");

            var victims = new AtomicInteger();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
                String reply = thief.send("anybody@example.com", "x" + victims.incrementAndGet() + "@example.com");
                assertThat(reply).doesNotStartWith("250");
                assertThat(reply).contains("SASL login name rejected", "[pb:");
            });

            assertThat(colleague.send("colleague@my-domain.net", "x@example.com"))
                    .startsWith("250");
        }
        assertThat(postfix.log()).contains("milter-reject: END-OF-MESSAGE", "Message refused as spam");
        assertThat(StackTopics.read(stack, Topics.FINDINGS))
                .filteredOn(finding -> finding.getSubject().equals("thief@my-domain.net"))
                .extracting(Finding::getDetector)
                .contains("velocity-ceiling");
    }

    @Test
    void aLocalUserWhoSendsVeryMuchIsStoppedAndNobodyElse() throws Exception {
        assertThat(submits("www-data").status()).isZero();
        var lines = new StringBuilder();
        String head = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT)
                        .format(LocalDateTime.now()) + " mx1 postfix/";
        for (int i = 0; i < 600; i++) {
            String id = "C" + (100_000 + i) + "A: ";
            lines.append(head).append("pickup[71]: ").append(id).append("uid=33 from=<www-data>\n");
            lines.append(head)
                    .append("qmgr[72]: ")
                    .append(id)
                    .append("from=<www-data@my-domain.net>, size=500, nrcpt=1 (queue active)\n");
        }
        // At once: Postfix writes, too, and would part a line of which the rest comes later.
        try (var log = FileChannel.open(postfix.logFile(), StandardOpenOption.APPEND)) {
            log.write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
        }

        await().atMost(PATIENCE).until(() -> Files.readString(users()).contains("\nwww-data blocked"));

        assertThat(submits("www-data").status()).isEqualTo(75);
        assertThat(submits("www-data").text()).contains("User www-data(33) is not allowed to submit mail");
        assertThat(submits("games")).isEqualTo(new LocalMail.Answer(0, ""));
        assertThat(submits("root")).isEqualTo(new LocalMail.Answer(0, ""));
        try (SmtpSession other = postfix.login("owner@my-domain.net", "secret")) {
            assertThat(other.send("owner@my-domain.net", "x@example.com")).startsWith("250");
        }
    }

    @Test
    void aSenderOfAClientThatRelaysVeryMuchIsStoppedThereAndNobodyElse() throws Exception {
        String boss = "boss@my-domain.net";
        assertThat(relays("192.168.7.9", boss)).startsWith("250");
        var lines = new StringBuilder();
        String head = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT)
                        .format(LocalDateTime.now()) + " mx1 postfix/";
        for (int i = 0; i < 600; i++) {
            String id = "D" + (100_000 + i) + "A: ";
            lines.append(head).append("smtpd[71]: ").append(id).append("client=unknown[192.168.7.9]\n");
            lines.append(head)
                    .append("qmgr[72]: ")
                    .append(id)
                    .append("from=<boss@my-domain.net>, size=500, nrcpt=1 (queue active)\n");
            lines.append(head)
                    .append("smtp[73]: ")
                    .append(id)
                    .append(
                            "to=<x@example.com>, relay=mx.example.com[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0,")
                    .append(" status=sent (250 ok)\n");
            lines.append(head).append("qmgr[72]: ").append(id).append("removed\n");
        }
        try (var log = FileChannel.open(postfix.logFile(), StandardOpenOption.APPEND)) {
            log.write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(relays("192.168.7.9", boss))
                        .startsWith("554 ")
                        .contains("<boss@my-domain.net>: Sender address rejected: ", "[pb:"));

        assertThat(relays("192.168.7.20", boss)).startsWith("250");
        assertThat(relays("192.168.7.9", "other@my-domain.net")).startsWith("250");
        try (SmtpSession owner = from("203.0.113.41", postfix.connect())) {
            owner.login("colleague@my-domain.net", "secret");
            assertThat(owner.send(boss, "x@example.com")).startsWith("250");
        }
        Operator.says("unblock", stack, "relay_sender", boss + " from 192.168.7.9 on mx1");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(relays("192.168.7.9", boss)).startsWith("250"));
    }

    @Test
    void whileTheSaslServerIsAwayNobodyIsAGuesser() throws Exception {
        // A server that is only started anew is not told, so that it takes half a minute.
        long told = System.nanoTime() + Duration.ofSeconds(31).toNanos();
        for (int i = 0; i < 40 || System.nanoTime() < told; i++) {
            assertThat(tries("203.0.113." + (20 + i % 2), "colleague" + i)).startsWith("454");
        }
        await().atMost(PATIENCE).until(() -> ofLogins().equals(List.of("FIRING")));
        // It ends all processes of its group when it ends.
        Process server = new ProcessBuilder(
                        "setsid", SASLAUTHD.toString(), "-d", "-a", "sasldb", "-n", "1", "-m", socket().toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("saslauthd.log").toFile())
                .start();
        try {
            await().atMost(PATIENCE).until(() -> Files.exists(socket().resolve("mux")));
            for (int i = 0; i < 20; i++) {
                assertThat(tries("203.0.113.30", "guessed" + i)).startsWith("535");
            }
            assertThat(tries("203.0.113.31", "colleague")).startsWith("535");
        } finally {
            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
        }

        // With a server the same is guessing: so what went before was seen, too.
        await().atMost(PATIENCE)
                .until(() -> PolicyMap.read(clients(), "203.0.113.30").isPresent());

        await().atMost(PATIENCE).until(() -> ofLogins().equals(List.of("FIRING", "RESOLVED")));
        assertThat(postfix.log()).contains("[203.0.113.21]: SASL PLAIN authentication failed: generic failure");
        assertThat(PolicyMap.read(clients(), "203.0.113.20")).isEmpty();
        assertThat(PolicyMap.read(clients(), "203.0.113.21")).isEmpty();
        assertThat(StackTopics.read(stack, Topics.BLOCKS))
                .extracting(Block::getSubject)
                .noneMatch(subject -> subject.startsWith("203.0.113.2"));
    }

    @Test
    void aServiceThatDoesNotAskTheMapIsAnIncident() throws Exception {
        Operator.blocks(stack, "owner@my-domain.net");
        await().atMost(PATIENCE)
                .until(() ->
                        PolicyMap.read(postfix.map(), "owner@my-domain.net").isPresent());
        try (SmtpSession session = from("203.0.113.40", new SmtpSession(careless))) {
            session.login("owner@my-domain.net", "secret");

            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
                assertThat(session.send("owner@my-domain.net", "x@example.com")).startsWith("250");
                assertThat(StackTopics.read(stack, Topics.ALERTS))
                        .filteredOn(alert -> alert.getSubjectType().equals("host"))
                        .extracting(Alert::getDescription)
                        .anyMatch(text -> text.contains("It accepts mail of owner@my-domain.net"));
            });
        } finally {
            Operator.unblocks(stack, "owner@my-domain.net");
            await().atMost(PATIENCE)
                    .until(() ->
                            PolicyMap.read(postfix.map(), "owner@my-domain.net").isEmpty());
        }
    }

    /** What was told of the host's authentication server. */
    private static List<String> ofLogins() {
        return StackTopics.read(stack, Topics.ALERTS).stream()
                .filter(alert -> alert.getSubjectType().equals("auth_server"))
                .map(Alert::getState)
                .toList();
    }

    private static LocalMail.Answer submits(String user) throws IOException, InterruptedException {
        return localMail.submits(user, user + "@my-domain.net", "x@example.com");
    }

    private static String relays(String client, String sender) throws IOException {
        try (SmtpSession session = from(client, postfix.connect())) {
            session.say("EHLO webmail.example");
            return session.send(sender, "x@example.com");
        }
    }

    private static SmtpSession from(String address, SmtpSession session) throws IOException {
        assertThat(session.say("XCLIENT NAME=[UNAVAILABLE] ADDR=" + address)).startsWith("220");
        return session;
    }

    private static String tries(String address, String name) throws IOException {
        try (SmtpSession session = from(address, new SmtpSession(saslauthd))) {
            assertThat(session.say("EHLO laptop.example")).startsWith("250");
            String plain = "\0" + name + "@my-domain.net\0wrong";
            String encoded = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
            return session.say("AUTH PLAIN " + encoded);
        }
    }

    private static int service(String... options) throws IOException {
        int port = FreePort.next();
        var line = new StringBuilder("127.0.0.1:" + port + " inet n - n - - smtpd\n");
        for (String option : options) {
            line.append(" -o ").append(option).append('\n');
        }
        Files.writeString(postfix.configuration().resolve("master.cf"), line, StandardOpenOption.APPEND);
        return port;
    }

    private static Path socket() {
        return postfix.configuration().resolve("saslauthd");
    }

    private static String base() {
        return postfix.map().toString().replaceFirst("\\.lmdb$", "");
    }

    private static Path clients() {
        return Path.of(base() + "-clients.lmdb");
    }

    private static Path users() {
        return Path.of(base() + "-users");
    }
}
