package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.postbrake.event.MailEvent;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real Postfix logs of odd but lawful sessions is read as it was meant. */
@Timeout(120)
class RealPostfixIT {
    private static final String ODD_LOGIN = "Miller, \"Ann\" x=1, sasl_method=LOGIN@my-domain.net";

    private PostfixHost host;
    private RemoteServer server;

    @BeforeEach
    void layOut() throws Exception {
        Assumptions.assumeTrue(
                PostfixHost.missing().isEmpty(), () -> PostfixHost.missing().orElse(""));
        host = PostfixHost.create();
        host.setting("smtpd_recipient_restrictions", "permit_mynetworks, permit_sasl_authenticated, reject");
        host.setting("smtpd_end_of_data_restrictions", "");
        host.setting("mynetworks", "127.0.0.9/32");
        host.setting("smtpd_authorized_xforward_hosts", "127.0.0.0/8");
        server = new RemoteServer();
        host.setting("transport_maps", "inline:{ { remote.example = smtp:[127.0.0.1]:" + server.port() + " } }");
        host.setting("minimal_backoff_time", "1s");
        host.setting("maximal_backoff_time", "2s");
        host.setting("queue_run_delay", "1s");
        host.account("ann", "secret");
        host.account("Miller, \"Ann\" x=1, sasl_method=LOGIN", "secret");
    }

    @AfterEach
    void stop() throws IOException {
        if (host != null) {
            host.close();
            server.close();
        }
    }

    @Test
    void anOddLoginIsOneField() throws Exception {
        host.start();
        try (SmtpSession session = host.login(ODD_LOGIN, "secret")) {
            session.send("a@my-domain.net", "b@example.org");
        }

        List<MailEvent> events = until(e -> e.getKind().equals("removed"));

        assertThat(events)
                .filteredOn(e -> e.getKind().equals("client"))
                .extracting(MailEvent::getSaslMethod, MailEvent::getSaslUsername, MailEvent::getClientIp)
                .containsExactly(tuple("PLAIN", ODD_LOGIN, "127.0.0.1"));
        assertThat(events).noneMatch(e -> e.getKind().equals("unparsed"));
    }

    @Test
    void theSenderOfMailAuthStaysBehindTheLogin() throws Exception {
        host.start();
        try (SmtpSession session = host.login("ann@my-domain.net", "secret")) {
            session.say("MAIL FROM:<a@my-domain.net> AUTH=\"v, sasl_sender=w\"");
            session.say("RCPT TO:<b@example.org>");
            session.say("RSET");
            session.say("MAIL FROM:<a@my-domain.net> AUTH=<v, sasl_username=w>");
            session.say("RCPT TO:<b@example.org>");
            session.say("RSET");
            session.say("MAIL FROM:<a@my-domain.net> AUTH=bob+40example.net");
            session.say("RCPT TO:<b@example.org>");
        }

        List<MailEvent> events = until(e -> e.getKind().equals("disconnect"), 2);

        assertThat(events)
                .filteredOn(e -> e.getKind().equals("client"))
                .isNotEmpty()
                .allMatch(e -> "ann@my-domain.net".equals(e.getSaslUsername()));
    }

    @Test
    void failuresAndRefusalsNameTheirClient() throws Exception {
        host.start();
        try (SmtpSession session = host.connect()) {
            session.say("EHLO x> sasl_method=PLAIN sasl_username=victim@d");
            session.say("AUTH PLAIN " + base64("\0ann, sasl_username=victim\0wrong"));
            session.say("MAIL FROM:<\"a> to=<victim@d> x\"@my-domain.net>");
            session.say("RCPT TO:<\"b>: SASL login name rejected: [pb:b-1]\"@example.org>");
            session.say("RSET");
            session.say("MAIL FROM:<j\u00fcrgen@ex\u00e4mple.org> SMTPUTF8");
            session.say("RCPT TO:<\u03b4@\u03c0\u03b1.example>");
            session.say("QUIT");
        }

        List<MailEvent> events = until(e -> e.getKind().equals("disconnect"), 2);

        assertThat(events)
                .filteredOn(e -> e.getKind().equals("auth_failed"))
                .extracting(MailEvent::getClientIp, MailEvent::getSaslMethod, MailEvent::getSaslUsername)
                .containsExactly(tuple("127.0.0.1", "PLAIN", "ann, sasl_username=victim@my-domain.net"));
        List<MailEvent> refused =
                events.stream().filter(e -> e.getKind().equals("rejected")).toList();
        assertThat(refused)
                .extracting(
                        MailEvent::getClientIp, MailEvent::getReplyCode, MailEvent::getDsn, MailEvent::getSaslUsername)
                .containsExactly(tuple("127.0.0.1", 454L, "4.7.1", null), tuple("127.0.0.1", 454L, "4.7.1", null));
        assertThat(refused).noneMatch(e -> e.getBlockRef() != null);
        assertThat(refused.get(1).getFrom()).isIn(null, "j\u00fcrgen@ex\u00e4mple.org");
        assertThat(events)
                .filteredOn(e -> e.getAuthTotal() != null)
                .extracting(MailEvent::getAuthCount, MailEvent::getAuthTotal, MailEvent::getRcptTotal)
                .containsExactly(tuple(0L, 1L, 2L));
    }

    @Test
    void lettersOfAllScriptsAreKept() throws Exception {
        host.start();
        try (SmtpSession session = host.login("ann@my-domain.net", "secret")) {
            assertThat(session.say("MAIL FROM:<j\u00fcrgen@ex\u00e4mple.org> SMTPUTF8"))
                    .startsWith("250");
            assertThat(session.say("RCPT TO:<\u03b4@\u03c0\u03b1.example>")).startsWith("250");
            assertThat(session.say("DATA")).startsWith("354");
            assertThat(session.finish()).startsWith("250");
        }

        List<MailEvent> events = until(e -> e.getKind().equals("removed"));

        assertThat(events)
                .filteredOn(e -> e.getKind().equals("queued"))
                .extracting(MailEvent::getFrom, MailEvent::getNrcpt)
                .containsExactly(tuple("j\u00fcrgen@ex\u00e4mple.org", 1L));
        assertThat(events)
                .filteredOn(e -> e.getKind().equals("delivery"))
                .extracting(MailEvent::getTo, MailEvent::getStatus)
                .containsExactly(tuple("\u03b4@\u03c0\u03b1.example", "sent"));
    }

    @Test
    void deferralsRetriesAndBouncesAreTold() throws Exception {
        host.start();
        try (SmtpSession session = host.login("ann@my-domain.net", "secret")) {
            session.send("a@my-domain.net", "\"full, status=sent\"@remote.example");
            session.send("a@my-domain.net", "gone@remote.example");
        }

        List<MailEvent> events = until(e -> "deferred".equals(e.getStatus()), 2);

        String deferred = events.stream()
                .filter(e -> "deferred".equals(e.getStatus()))
                .findFirst()
                .orElseThrow()
                .getQueueId();
        assertThat(events)
                .filteredOn(e -> deferred.equals(e.getQueueId()) && e.getKind().equals("delivery"))
                .hasSizeGreaterThan(1)
                .allSatisfy(e -> {
                    assertThat(e.getTo()).isEqualTo("\"full, status=sent\"@remote.example");
                    assertThat(e.getStatus()).isEqualTo("deferred");
                    assertThat(e.getDsn()).isEqualTo("4.2.2");
                    assertThat(e.getNextQueueId()).isNull();
                    assertThat(e.getReason()).contains(RemoteServer.FULL.substring(4));
                });
        assertThat(events)
                .filteredOn(e -> deferred.equals(e.getQueueId()) && e.getKind().equals("queued"))
                .as("logged again at every retry")
                .hasSizeGreaterThan(1);
        MailEvent bounce = events.stream()
                .filter(e -> e.getKind().equals("bounce"))
                .findFirst()
                .orElseThrow();
        assertThat(events)
                .filteredOn(e -> bounce.getNextQueueId().equals(e.getQueueId())
                        && e.getKind().equals("queued"))
                .extracting(MailEvent::getFrom)
                .isSubsetOf("");
        assertThat(events)
                .filteredOn(e -> "bounced".equals(e.getStatus()))
                .extracting(MailEvent::getTo, MailEvent::getDsn)
                .containsExactly(tuple("gone@remote.example", "5.1.1"));
    }

    @Test
    void theTrueClientIsTheFiltersClient() throws Exception {
        host.start();
        try (SmtpSession session = host.login("ann@my-domain.net", "secret")) {
            assertThat(session.say("XFORWARD NAME=mail.example.com ADDR=192.0.2.77 PORT=4711 PROTO=ESMTP HELO=h"
                            + " IDENT=4B35D0A0 SOURCE=REMOTE"))
                    .startsWith("250");
            session.send("a@my-domain.net", "b@example.org");
        }

        List<MailEvent> events = until(e -> e.getKind().equals("removed"));

        assertThat(events)
                .filteredOn(e -> e.getKind().equals("client"))
                .extracting(
                        MailEvent::getClientIp,
                        MailEvent::getClientName,
                        MailEvent::getProxyIp,
                        MailEvent::getOrigQueueId,
                        MailEvent::getSaslUsername)
                .containsExactly(tuple("192.0.2.77", "mail.example.com", "127.0.0.1", "4B35D0A0", "ann@my-domain.net"));
    }

    /** {@code smtpd -v}, here for one client, logs the whole dialogue with its passwords; no event holds a part of it. */
    @Test
    void thePasswordsOfAVerboseLogStay() throws Exception {
        String password = "correct-horse-battery";
        host.account("eve", password);
        host.setting("debug_peer_list", "127.0.0.1");
        host.start();
        try (SmtpSession session = host.login("eve@my-domain.net", password)) {
            session.say("RSET");
            session.say(password);
        }
        try (SmtpSession session = host.connect()) {
            session.say("EHLO h");
            session.say("AUTH LOGIN");
            session.say(base64("eve"));
            session.say(base64(password + "-wrong"));
        }

        List<MailEvent> events = until(e -> e.getKind().equals("disconnect"), 3);

        String plain = base64("\0eve@my-domain.net\0" + password);
        assertThat(host.log()).contains(plain).contains(base64(password + "-wrong"));
        assertThat(events).noneMatch(e -> {
            String text = e.toString();
            return text.contains(password)
                    || text.contains(plain)
                    || text.contains(base64(password).substring(0, 20))
                    || e.getKind().equals("unparsed");
        });
        assertThat(events).filteredOn(e -> e.getKind().equals("auth_failed")).hasSize(1);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<MailEvent> until(Predicate<MailEvent> there) throws Exception {
        return until(there, 1);
    }

    /** All events, once so many are there; the log is read anew each time. */
    private List<MailEvent> until(Predicate<MailEvent> there, int count) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        List<MailEvent> events;
        do {
            Thread.sleep(100);
            events = events();
        } while (events.stream().filter(there).count() < count && Instant.now().isBefore(end));
        assertThat(events.stream().filter(there).count()).as(host.log()).isGreaterThanOrEqualTo(count);
        return events;
    }

    private List<MailEvent> events() throws IOException {
        byte[] log = Files.readAllBytes(host.logFile());
        var parser = new PostfixLogParser(ZoneId.systemDefault(), null);
        List<MailEvent> events = new ArrayList<>();
        int from = 0;
        for (int to = LineEnd.find(log, 0, log.length); to >= 0; to = LineEnd.find(log, from, log.length)) {
            events.add(parser.parse(log, from, to - from, Lines.origin(Instant.now())));
            from = to + 1;
        }
        return events;
    }
}
