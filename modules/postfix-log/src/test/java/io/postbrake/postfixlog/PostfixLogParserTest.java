package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostfixLogParserTest {
    @Test
    void theStolenAccountIsRead() throws IOException {
        List<MailEvent> events;
        try (InputStream in = getClass().getResourceAsStream("/seed-maillog")) {
            events = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(Lines::line)
                    .toList();
        }
        assertThat(events.stream().map(MailEvent::getKind))
                .containsExactly(
                        "other", "connect", "tls", "client", "header_check", "queued", "delivery", "removed", "client");
        MailEvent client = events.get(3);
        assertThat(client.getSaslUsername()).isEqualTo("user@my-domain.net");
        assertThat(client.getClientIp()).isEqualTo("201.91.101.26");
        assertThat(client.getQueueId()).isEqualTo("984BB13B35D");
        assertThat(client.getService()).isEqualTo("smtpd");
        assertThat(client.getOccurredAt()).isEqualTo(Instant.parse("2024-05-09T22:12:29Z"));
        assertThat(events.get(6).getStatus()).isEqualTo("sent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "May  9 22:12:21 mx postfix/smtpd[7]: ",
                "May 09 22:12:21 mx postfix/smtpd[7]: ",
                "<22>May  9 22:12:21 mx postfix/smtpd[7]: ",
                "2024-05-10T00:12:21.000000+02:00 mx postfix/smtpd[7]: ",
                "<22>1 2024-05-09T22:12:21Z mx postfix/smtpd 7 - - ",
                "<22>1 2024-05-09T22:12:21Z mx postfix/smtpd 7 - [a b=\"c ] d\"] ",
                "May  9 22:12:21 INFO postfix/smtpd[7]: "
            })
    void framesAreRead(String frame) {
        MailEvent event = Lines.line(frame + "connect from h.example[2001:db8::1]:4711");
        assertThat(event.getKind()).isEqualTo("connect");
        assertThat(event.getOccurredAt()).isEqualTo(Instant.parse("2024-05-09T22:12:21Z"));
        assertThat(event.getPid()).isEqualTo(7);
        assertThat(event.getClientIp()).isEqualTo("2001:db8::1");
        assertThat(event.getClientPort()).isEqualTo(4711);
    }

    @ParameterizedTest
    @CsvSource({
        "Dec 31 23:59:59, 2025-01-01T00:00:10Z, 2024-12-31T23:59:59Z, false",
        "Jan  1 00:00:01, 2024-12-31T23:59:59Z, 2025-01-01T00:00:01Z, false",
        "May  9 12:00:00, 2024-05-09T11:00:00Z, 2024-05-09T11:00:00Z, true",
        "Feb 29 12:00:00, 2025-05-09T11:00:00Z, 2024-02-29T12:00:00Z, false"
    })
    void theYearIsTheNearest(String stamp, Instant readAt, Instant expected, boolean clamped) {
        MailEvent event = Lines.line(stamp + " mx postfix/smtpd[7]: connect from unknown[unknown]", readAt);
        assertThat(event.getOccurredAt()).isEqualTo(expected);
        assertThat(event.getClamped()).isEqualTo(clamped);
    }

    @Test
    void aFixedYearGoesOnAtNewYear() {
        PostfixLogParser parser = Lines.fixed(2023);
        byte[] old = "Dec 31 23:59:59 mx postfix/qmgr[1]: ABCDEF1: removed".getBytes(StandardCharsets.UTF_8);
        byte[] young = "Jan  1 00:00:01 mx postfix/qmgr[1]: ABCDEF1: removed".getBytes(StandardCharsets.UTF_8);
        parser.parse(old, 0, old.length, Lines.origin(Lines.READ_AT));
        assertThat(parser.parse(young, 0, young.length, Lines.origin(Lines.READ_AT))
                        .getOccurredAt())
                .isEqualTo(Instant.parse("2024-01-01T00:00:01Z"));
    }

    @Test
    void aRefusedLoginNamesItsBlock() {
        MailEvent event = Lines.message(
                "smtpd",
                "NOQUEUE: reject: RCPT from unknown[203.0.113.9]:99: 554 5.7.1 <user@x>: SASL login name rejected: account stopped [pb:b-17]; from=<user@x> to=<b@y> proto=ESMTP helo=<h> sasl_method=PLAIN sasl_username=user@x");
        assertThat(event.getKind()).isEqualTo("rejected");
        assertThat(event.getAction()).isEqualTo("reject");
        assertThat(event.getSaslUsername()).isEqualTo("user@x");
        assertThat(event.getBlockRef()).isEqualTo("b-17");
        assertThat(event.getReplyCode()).isEqualTo(554);
        assertThat(event.getStage()).isEqualTo("RCPT");
        assertThat(event.getHelo()).isEqualTo("h");
        assertThat(event.getTo()).isEqualTo("b@y");
    }

    @Test
    void aSenderThatTheLoginDoesNotOwnNamesTheLogin() {
        MailEvent event = Lines.message(
                "submission/smtpd",
                "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 553 5.7.1 <boss@x>: Sender address rejected: not owned by user Ann@x; from=<boss@x> to=<b@y> proto=ESMTP helo=<h>");
        assertThat(event.getKind()).isEqualTo("rejected");
        assertThat(event.getSaslUsername()).isEqualTo("Ann@x");
        assertThat(event.getFrom()).isEqualTo("boss@x");
        assertThat(event.getTo()).isEqualTo("b@y");
    }

    @Test
    void aHeldLoginNamesItsBlockToo() {
        MailEvent event = Lines.message(
                "smtpd",
                "NOQUEUE: hold: RCPT from unknown[203.0.113.9]: <user@x>: SASL login name suspended [pb:b-17]; from=<user@x> to=<b@y> proto=ESMTP helo=<h>");
        assertThat(event.getKind()).isEqualTo("held");
        assertThat(event.getQueueId()).isNull();
        assertThat(event.getSaslUsername()).isEqualTo("user@x");
        assertThat(event.getBlockRef()).isEqualTo("b-17");
    }

    @Test
    void theTrueClientStandsBehindTheFilter() {
        MailEvent event = Lines.message(
                "smtpd",
                "ABCDEF1: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=u, sasl_sender=s@x, orig_queue_id=ABCDEF2, orig_client=h[203.0.113.9]");
        assertThat(event.getClientIp()).isEqualTo("203.0.113.9");
        assertThat(event.getProxyIp()).isEqualTo("127.0.0.1");
        assertThat(event.getOrigQueueId()).isEqualTo("ABCDEF2");
        assertThat(event.getSaslUsername()).isEqualTo("u");
        assertThat(event.getSaslSender()).isEqualTo("s@x");
    }

    @Test
    void disconnectCountsAndRepeatsAreRead() {
        MailEvent event = Lines.message(
                "smtpd",
                "message repeated 3 times: [ disconnect from unknown[203.0.113.9] ehlo=1 auth=0/2 mail=1 rcpt=1/4 commands=3/8]");
        assertThat(event.getKind()).isEqualTo("disconnect");
        assertThat(event.getRepeats()).isEqualTo(3);
        assertThat(event.getAuthCount()).isZero();
        assertThat(event.getAuthTotal()).isEqualTo(2);
        assertThat(event.getRcptTotal()).isEqualTo(4);
        assertThat(event.getCommandTotal()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "smtpd|warning: u[1.2.3.4]: SASL LOGIN authentication failed: Connection lost to authentication server|auth_unanswered",
                "smtpd|warning: u[1.2.3.4]: SASL LOGIN authentication failed: UGFzc3dvcmQ6|auth_failed",
                "smtpd|NOQUEUE: lost connection after AUTH from u[1.2.3.4]|lost_connection",
                "smtpd|timeout after DATA (17 bytes) from u[1.2.3.4]|lost_connection",
                "smtpd|NOQUEUE: hold: RCPT from u[1.2.3.4]: <x@y>: held; from=<a@x> to=<x@y> proto=ESMTP helo=<h>|held",
                "smtpd|NOQUEUE: filter: RCPT from u[1.2.3.4]: <x@y>: f; from=<a@x> to=<x@y> proto=ESMTP helo=<h>|other",
                "cleanup|ABCDEF1: milter-reject: END-OF-MESSAGE from u[1.2.3.4]: 5.7.1 no; from=<a@x> to=<b@x> proto=ESMTP helo=<h>|milter_reject",
                "postscreen|PREGREET 5 after 0.1 from [1.2.3.4]:99: x from [9.9.9.9]:1|postscreen",
                "postscreen|NOQUEUE: reject: RCPT from [1.2.3.4]:99: 550 5.7.1 no; from=<a@x>, to=<b@x>, proto=ESMTP, helo=<h>|rejected"
            })
    void kindsAndClientsAreTold(String service, String text, String kind) {
        MailEvent event = Lines.message(service, text);
        assertThat(event.getKind()).isEqualTo(kind);
        assertThat(event.getClientIp()).isEqualTo("1.2.3.4");
    }

    @Test
    void aCutDeliveryIsUnparsedAndOtherProgramsAreNotPostfix() {
        MailEvent cut = Lines.message("smtp", "3mPVKl0Mhjz7sXv: to=<56597@con");
        assertThat(cut.getKind()).isEqualTo("unparsed");
        assertThat(cut.getRawHash()).hasSize(64);
        assertThat(Lines.line("May  9 22:12:21 mx sshd[7]: connect from h[1.2.3.4]")
                        .getKind())
                .isEqualTo("not_postfix");
    }

    @Test
    void newerDeliveriesNameTheirTlsLevel() {
        MailEvent event = Lines.message(
                "smtp",
                "ABCDEF1: to=<\"a b\"@x>, orig_to=<o@x>, relay=h[192.0.2.1]:25, conn_use=2, delay=1.5, delays=0/0/0/1, tls=may:secure, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ABCDEF2)");
        assertThat(event.getTo()).isEqualTo("\"a b\"@x");
        assertThat(event.getOrigTo()).isEqualTo("o@x");
        assertThat(event.getTls()).isEqualTo("may:secure");
        assertThat(event.getNextQueueId()).isEqualTo("ABCDEF2");
        assertThat(event.getConnUse()).isEqualTo(2);
        assertThat(event.getDelay()).isEqualTo(1.5);
    }
}
