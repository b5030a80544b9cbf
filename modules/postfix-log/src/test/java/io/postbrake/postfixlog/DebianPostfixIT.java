package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.postbrake.event.MailEvent;
import io.postbrake.testkit.DebianPostfix;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Postfix 3.10 (Debian trixie) and 3.11 (sid) log of a day's odd sessions is read as it was meant, to the last line. */
@Tag("soak")
@Timeout(900)
class DebianPostfixIT {
    private static final String HOME = "127.0.0.5";
    private static final String BLOCKED = "127.0.0.6";
    private static final String IN_RANGE = "127.0.3.7";
    private static final String ANN = "ann@my-domain.net";

    private DebianPostfix host;
    private AuthServer auth;
    private RemoteServer remote;

    private void begin(String suite) throws Exception {
        Assumptions.assumeTrue(
                DebianPostfix.missing(suite).isEmpty(),
                () -> DebianPostfix.missing(suite).orElse(""));
        host = DebianPostfix.create(suite);
        auth = new AuthServer(host.authSocket());
        remote = new RemoteServer();
        host.setting("transport_maps", "inline:{ { remote.example = smtp:[127.0.0.1]:" + remote.port() + " } }");
        host.setting(
                "header_checks", "regexp:{ { /^Subject: throw away/ DISCARD } { /^Subject: Undelivered/ REJECT no } }");
        host.setting("internal_mail_filter_classes", "bounce");
        host.service("submission");
        host.service(
                "submission-blocked",
                "smtpd_client_restrictions = check_client_access inline:{ { " + BLOCKED
                        + " = REJECT suspended [pb:c1] } }, check_client_access cidr:{ { 127.0.3.0/24 REJECT"
                        + " suspended [pb:n1] } }",
                "smtpd_recipient_restrictions = check_sasl_access inline:{ { eve@my-domain.net = REJECT suspended"
                        + " [pb:a1] } { ida@my-domain.net = HOLD } }, permit_sasl_authenticated, reject",
                "smtpd_end_of_data_restrictions = check_sasl_access inline:{ { dan@my-domain.net = 450 4.7.1 later"
                        + " [pb:a2] } }");
        host.service("submission-rate", "smtpd_client_auth_rate_limit = 1");
        host.service("submission-backend", "smtpd_authorized_xclient_hosts = 127.0.0.0/8");
        host.service("submission-proxied", "smtpd_upstream_proxy_protocol = haproxy");
        host.start();
    }

    @AfterEach
    void end() throws IOException {
        if (host != null) {
            host.close();
            auth.close();
            remote.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"trixie", "sid"})
    void aDayOfOddSessionsIsReadToTheLastLine(String suite) throws Exception {
        begin(suite);
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("submission", this::submissions);
        checks.put("cancelled", this::messagesThatNeverWere);
        checks.put("failures", this::failedLogins);
        checks.put("refusals", this::refusals);
        checks.put("front ends", this::frontEnds);
        checks.put("local", this::localSubmission);
        checks.put("notifications", this::notifications);
        checks.put("server away", this::serverAway);

        for (Map.Entry<String, Check> check : checks.entrySet()) {
            check.getValue().run();
        }

        assertThat(events()).isNotEmpty().noneMatch(e -> e.getKind().equals("unparsed"));
        assertThat(unknown()).isEmpty();
    }

    private interface Check {
        void run() throws Exception;
    }

    private void submissions() throws Exception {
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.login(ANN, "secret");
            session.send(ANN, "x@example.org");
            session.send(ANN, "x@remote.example");
            session.say("QUIT");
        }
        // The first one only looked whether it answers.
        sessionsEnded(0, 2);
        List<MailEvent> all = until(e -> e.getRelay() != null && e.getRelay().contains(":" + remote.port()));
        assertThat(of(all, "client"))
                .extracting(MailEvent::getClientIp, MailEvent::getSaslMethod, MailEvent::getSaslUsername)
                .containsExactly(tuple(HOME, "PLAIN", ANN), tuple(HOME, "PLAIN", ANN));
        assertThat(of(all, "delivery"))
                .filteredOn(e -> e.getTo().equals("x@example.org"))
                .extracting(MailEvent::getStatus, MailEvent::getRelay)
                .containsExactly(tuple("sent", "none"));
        assertThat(of(all, "delivery"))
                .filteredOn(e -> e.getTo().equals("x@remote.example"))
                .extracting(MailEvent::getStatus, MailEvent::getTls)
                .containsExactly(tuple("deferred", since311() ? "none" : null));
        assertThat(of(all, "removed")).allMatch(e -> e.getStatus() == null);
    }

    private void messagesThatNeverWere() throws Exception {
        int before = events().size();
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.login(ANN, "secret");
            session.say("MAIL FROM:<" + ANN + ">");
            session.say("RCPT TO:<x@example.org>");
            session.say("RSET");
            session.begin(ANN, "y@example.org");
            session.say("Subject: throw away\r\n\r\nhello\r\n.");
            session.begin(ANN, "z@example.org");
        }
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.say("EHLO laptop.example");
        }
        sessionsEnded(before, 2);
        List<MailEvent> all = since(before, e -> "canceled".equals(e.getStatus()), 2);
        List<String> ids = of(all, "client").stream().map(MailEvent::getQueueId).toList();
        assertThat(ids).hasSize(3);
        assertThat(of(all, "removed"))
                .extracting(MailEvent::getQueueId, MailEvent::getStatus)
                .containsExactlyInAnyOrder(
                        tuple(ids.get(0), "canceled"), tuple(ids.get(1), "discarded"), tuple(ids.get(2), "canceled"));
        assertThat(of(all, "lost_connection"))
                .extracting(MailEvent::getQueueId, MailEvent::getStage, MailEvent::getClientIp)
                .containsExactlyInAnyOrder(tuple(ids.get(2), "DATA", HOME), tuple(null, "EHLO", HOME));
    }

    private void failedLogins() throws Exception {
        int before = events().size();
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.say("EHLO laptop.example");
            session.say("AUTH PLAIN " + plain(ANN, "wrong"));
            session.say("AUTH PLAIN " + plain(ANN, "later"));
            session.say("AUTH PLAIN " + plain(ANN, "away"));
            session.say("AUTH CRAM-MD5");
            session.say("AUTH PLAIN !!!");
            session.say("AUTH LOGIN");
            session.say("*");
            session.say("QUIT");
        }
        for (int i = 0; i < 2; i++) {
            try (SmtpSession session = host.connect("submission-rate", HOME)) {
                session.say("EHLO laptop.example");
                session.say("AUTH PLAIN " + plain(ANN, "secret"));
                session.say("QUIT");
            }
        }
        List<MailEvent> all = sessionsEnded(before, 3);
        assertThat(of(all, "auth_failed"))
                .extracting(MailEvent::getSaslMethod, MailEvent::getReason, MailEvent::getSaslUsername)
                .containsExactly(
                        tuple("PLAIN", null, ANN),
                        tuple("PLAIN", "Temporary authentication failure.", ANN),
                        // The login is the one of the attempt before in the session.
                        tuple("CRAM-MD5", "Invalid authentication mechanism: 'CRAM-MD5'", ANN),
                        tuple("PLAIN", "Invalid base64 data in initial response", ANN));
        assertThat(of(all, "auth_unanswered"))
                .extracting(MailEvent::getClientIp, MailEvent::getReason)
                .containsExactly(tuple(HOME, "Connection lost to authentication server"));
        assertThat(of(all, "auth_aborted"))
                .extracting(MailEvent::getClientIp, MailEvent::getSaslMethod)
                .containsExactly(tuple(HOME, "LOGIN"));
        assertThat(all)
                .filteredOn(e -> "AUTH command rate limit".equals(e.getAction()))
                .extracting(MailEvent::getClientIp)
                .containsExactly(HOME);
        assertThat(of(all, "disconnect").get(0))
                .extracting(MailEvent::getAuthCount, MailEvent::getAuthTotal)
                .containsExactly(0L, 6L);
    }

    private void refusals() throws Exception {
        int before = events().size();
        refusal(BLOCKED, ANN);
        refusal(IN_RANGE, ANN);
        refusal(HOME, "eve@my-domain.net");
        try (SmtpSession session = host.connect("submission-blocked", HOME)) {
            session.login("dan@my-domain.net", "secret");
            session.send("dan@my-domain.net", "x@example.org");
            session.say("QUIT");
        }
        try (SmtpSession session = host.connect("submission-blocked", HOME)) {
            session.login("ida@my-domain.net", "secret");
            session.say("MAIL FROM:<ida@my-domain.net>");
            session.say("RCPT TO:<x@example.org>");
            session.say("RSET");
            session.send("ida@my-domain.net", "x@example.org");
            session.say("QUIT");
        }
        sessionsEnded(before, 5);
        List<MailEvent> all = since(before, e -> "canceled".equals(e.getStatus()), 2);
        assertThat(of(all, "rejected"))
                .extracting(
                        MailEvent::getClientIp,
                        MailEvent::getStage,
                        MailEvent::getReplyCode,
                        MailEvent::getBlockRef,
                        MailEvent::getBlockSubjectType,
                        MailEvent::getSaslMethod,
                        MailEvent::getSaslUsername,
                        MailEvent::getHelo)
                .containsExactly(
                        tuple(BLOCKED, "RCPT", 554L, "c1", "client", "PLAIN", ANN, "laptop.example"),
                        tuple(IN_RANGE, "RCPT", 554L, "n1", "client", "PLAIN", ANN, "laptop.example"),
                        tuple(HOME, "RCPT", 554L, "a1", "sasl_user", "PLAIN", "eve@my-domain.net", "laptop.example"),
                        tuple(
                                HOME,
                                "END-OF-MESSAGE",
                                450L,
                                "a2",
                                "sasl_user",
                                "PLAIN",
                                "dan@my-domain.net",
                                "laptop.example"));
        assertThat(of(all, "held"))
                .extracting(MailEvent::getQueueId, MailEvent::getStage, MailEvent::getSaslUsername)
                .containsExactly(tuple(null, "RCPT", "ida@my-domain.net"), tuple(null, "RCPT", "ida@my-domain.net"));
        // What the enforcer asks the queue for before it touches a message.
        String id = of(all, "client").get(of(all, "client").size() - 1).getQueueId();
        assertThat(host.message(id).lines())
                .contains(
                        "*** ENVELOPE RECORDS hold/" + id + " ***", "named_attribute: sasl_username=ida@my-domain.net");
    }

    private void refusal(String from, String login) throws IOException {
        try (SmtpSession session = host.connect("submission-blocked", from)) {
            session.login(login, "secret");
            session.send(login, "x@example.org");
            session.say("QUIT");
        }
    }

    private void frontEnds() throws Exception {
        int before = events().size();
        try (SmtpSession session = host.connect("submission-backend", "127.0.0.1")) {
            session.say("EHLO front.example");
            session.say("XCLIENT NAME=host5.example.net ADDR=203.0.113.5 LOGIN=carol@my-domain.net");
            session.say("EHLO laptop.example");
            session.send("carol@my-domain.net", "x@example.org");
            session.say("QUIT");
        }
        try (SmtpSession session = proxied("PROXY TCP4 198.51.100.5 127.0.0.1 40000 587")) {
            session.login(ANN, "secret");
            session.send(ANN, "x@example.org");
            session.say("QUIT");
        }
        assertThatThrownBy(() -> proxied("PROXY UNKNOWN")).isInstanceOf(IOException.class);
        List<MailEvent> all = sessionsEnded(before, 3);
        assertThat(of(all, "client"))
                .extracting(
                        MailEvent::getClientName,
                        MailEvent::getClientIp,
                        MailEvent::getSaslMethod,
                        MailEvent::getSaslUsername)
                .containsExactly(
                        tuple("host5.example.net", "203.0.113.5", "XCLIENT", "carol@my-domain.net"),
                        tuple("unknown", "198.51.100.5", "PLAIN", ANN));
        MailEvent first = of(all, "disconnect").get(0);
        assertThat(first.getCommandTotal() - first.getCommandCount()).isEqualTo(1);
        // A damaged header leaves the balancer's address, since 3.11 none.
        assertThat(of(all, "connect").get(2))
                .extracting(MailEvent::getClientName, MailEvent::getClientIp)
                .containsExactly(since311() ? "unknown" : "localhost", since311() ? null : "127.0.0.1");
    }

    private SmtpSession proxied(String header) throws IOException {
        return host.behindBalancer("submission-proxied", header);
    }

    private void localSubmission() throws Exception {
        int before = events().size();
        host.submitLocally("boss@my-domain.net", "x@example.org", "Subject: hello\n\nhello\n");
        List<MailEvent> all = since(before, e -> e.getKind().equals("removed"), 1);
        assertThat(of(all, "pickup"))
                .extracting(MailEvent::getUid, MailEvent::getFrom)
                .containsExactly(tuple(0L, "boss@my-domain.net"));
    }

    private void notifications() throws Exception {
        int before = events().size();
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.login(ANN, "secret");
            session.send(ANN, "gone@remote.example");
            session.say("QUIT");
        }
        sessionsEnded(before, 1);
        List<MailEvent> all =
                since(before, e -> e.getReason() != null && e.getReason().equals("bounce failed"), 1);
        String id = of(all, "client").get(0).getQueueId();
        assertThat(of(all, "delivery"))
                .extracting(MailEvent::getQueueId, MailEvent::getStatus, MailEvent::getDsn)
                .containsExactly(tuple(id, "bounced", "5.1.1"));
        assertThat(all)
                .filteredOn(e -> "sender notification failed".equals(e.getAction()))
                .extracting(MailEvent::getQueueId, MailEvent::getTo)
                .containsExactlyElementsOf(since311() ? List.of(tuple(id, ANN)) : List.of());
    }

    private void serverAway() throws Exception {
        int before = events().size();
        try (SmtpSession session = host.connect("submission", HOME)) {
            session.say("EHLO laptop.example");
            auth.close();
            session.say("AUTH PLAIN " + plain(ANN, "secret"));
            session.say("QUIT");
        }
        List<MailEvent> all = sessionsEnded(before, 1);
        assertThat(of(all, "auth_unavailable")).hasSize(1);
        assertThat(of(all, "auth_failed"))
                .extracting(MailEvent::getClientIp, MailEvent::getReason, MailEvent::getSaslUsername)
                .containsExactly(tuple(HOME, null, null));
    }

    private boolean since311() throws Exception {
        return host.version().compareTo("3.11") >= 0;
    }

    private static String plain(String login, String password) {
        return Base64.getEncoder().encodeToString(("\0" + login + "\0" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static List<MailEvent> of(List<MailEvent> events, String kind) {
        return events.stream().filter(e -> e.getKind().equals(kind)).toList();
    }

    private List<MailEvent> until(Predicate<MailEvent> last) throws Exception {
        return since(0, last, 1);
    }

    /** Events from that one on, once so many sessions are over: what comes later is another check's. */
    private List<MailEvent> sessionsEnded(int from, int count) throws Exception {
        return since(from, e -> e.getKind().equals("disconnect"), count);
    }

    /** Events from that one on, once so many of them are as they must be. */
    private List<MailEvent> since(int from, Predicate<MailEvent> last, int count) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        while (true) {
            List<MailEvent> all = events();
            List<MailEvent> newer = all.subList(Math.min(from, all.size()), all.size());
            if (newer.stream().filter(last).count() >= count) {
                return newer;
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("not in time:\n" + host.log());
            }
            Thread.sleep(50);
        }
    }

    private List<MailEvent> events() throws IOException {
        List<MailEvent> events = new ArrayList<>();
        parse((event, line, unknown) -> events.add(event));
        return events;
    }

    private List<String> unknown() throws IOException {
        List<String> lines = new ArrayList<>();
        parse((event, line, unknown) -> {
            if (unknown && !ofNobody(line)) {
                lines.add(line);
            }
        });
        return lines;
    }

    /** What Postfix says of itself and of its peers' certificates, of which there is no shape. */
    private static boolean ofNobody(String line) {
        return line.contains(" postfix/master[") || line.contains(" postfix/postlog");
    }

    private interface Read {
        void line(MailEvent event, String line, boolean unknown);
    }

    private void parse(Read read) throws IOException {
        var parser = new PostfixLogParser(ZoneId.systemDefault(), null);
        for (String line : host.log().lines().toList()) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            MailEvent event = parser.parse(bytes, 0, bytes.length, Lines.origin(Instant.now()));
            read.line(event, line, parser.unknownShape());
        }
    }
}
