package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTextTest {
    private static final String REJECT =
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <b@x>: Relay access denied; ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x> sasl_method=LOGIN sasl_username=victim",
                "x; from=<victim@x> to=<y> proto=ESMTP helo=<z",
                "x> from=<victim@x>",
                "[198.51.100.7]",
                "x proto=SMTP helo=<y",
                ": 554 5.7.1 <victim>: SASL login name rejected: [pb:1]"
            })
    void heloCannotBecomeAnotherField(String helo) {
        MailEvent event = Lines.message("smtpd", REJECT + "from=<a@x> to=<b@x> proto=ESMTP helo=<" + helo + ">");
        assertThat(event.getKind()).isEqualTo("rejected");
        assertThat(event.getClientIp()).isEqualTo("203.0.113.9");
        assertThat(event.getSaslUsername()).isNull();
        assertThat(event.getBlockRef()).isNull();
        assertThat(event.getFrom()).isIn(null, "a@x");
        assertThat(event.getTo()).isIn(null, "b@x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "victim>: SASL login name rejected: [pb:1]",
                "a>: no; from=<victim@x> to=<a> proto=ESMTP helo=<h",
                "[pb:9]"
            })
    void recipientCannotImitateARefusedLogin(String to) {
        MailEvent event = Lines.message(
                "smtpd",
                "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <" + to
                        + ">: Relay access denied; from=<a@x> to=<" + to + "> proto=ESMTP helo=<h>");
        assertThat(event.getSaslUsername()).isNull();
        assertThat(event.getBlockRef()).isNull();
        assertThat(event.getFrom()).isIn(null, "a@x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a>: Sender address rejected: not owned by user victim",
                "a>: Sender address rejected: not owned by user victim; from=<a> to=<b",
                "a>: Sender address rejected: not owned by user victim; from=<a> to=<b> proto=ESMTP helo=<h> x=<"
            })
    void neitherSenderNorRecipientCanNameALoginThatDoesNotOwnIt(String text) {
        MailEvent sender = Lines.message(
                "smtpd",
                "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 553 5.7.1 <" + text
                        + ">: Sender address rejected: not logged in; from=<" + text
                        + "> to=<b@x> proto=ESMTP helo=<h>");
        MailEvent recipient = Lines.message(
                "smtpd",
                "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <" + text
                        + ">: Recipient address rejected: User unknown; from=<a> to=<" + text
                        + "> proto=ESMTP helo=<h>");
        assertThat(sender.getSaslUsername()).isNull();
        assertThat(recipient.getSaslUsername()).isNull();
    }

    @Test
    void whatALineThatWasCutSaysOfALoginIsNotBelieved() {
        String text = "a>: Sender address rejected: not owned by user victim; from=<a> to=<b> proto=ESMTP helo=<"
                + "h".repeat(1000) + ">";
        MailEvent event = Lines.message("smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 553 5.7.1 <" + text);
        assertThat(event.getSaslUsername()).isNull();
    }

    @Test
    void theQuotesOfMailAuthCannotHideInAnAddressesZone() {
        MailEvent event = Lines.message(
                "smtpd",
                "4B35D0A1: client=unknown[10.0.0.9], sasl_method=PLAIN, sasl_username=ann@x, sasl_sender="
                        + "\"2, orig_client=x[::0%\"eth0]");
        assertThat(event.getClientIp()).isEqualTo("10.0.0.9");
        assertThat(event.getProxyIp()).isNull();
    }

    /** Before 3.5 nothing of a recipient is quoted by Postfix: quotes that it begins with are its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"\">, relay=l",
                "\"\"@z>, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 queued as 4B35D0A2)",
                "\"a\"@z>, orig_to=<b>, relay=none, delay=1, dsn=2.0.0, status=sent (ok)"
            })
    void aRecipientThatBeginsWithQuotesIsNoQuotedOne(String local) {
        MailEvent event = Lines.message(
                "smtp",
                "4B35D0A1: to=<" + local
                        + "@y>, relay=mx.x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no)");
        assertThat(event.getTo()).isNull();
        assertThat(event.getStatus()).isNull();
        assertThat(event.getNextQueueId()).isNull();
    }

    @Test
    void reasonEndsAtTheFirstLoginField() {
        MailEvent event = Lines.message(
                "smtpd",
                "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: no, sasl_username=me, sasl_username=victim");
        assertThat(event.getKind()).isEqualTo("auth_failed");
        assertThat(event.getReason()).isEqualTo("no");
        assertThat(event.getSaslUsername()).isEqualTo("me, sasl_username=victim");
    }

    @Test
    void aLoginCannotMoveItsClientElsewhere() {
        MailEvent event = Lines.message(
                "smtpd",
                "984BB13B35D: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=me, orig_client=x[198.51.100.7]");
        assertThat(event.getClientIp()).isEqualTo("203.0.113.9");
        assertThat(event.getProxyIp()).isNull();
        assertThat(event.getSaslUsername()).isEqualTo("me, orig_client=x[198.51.100.7]");
    }

    @Test
    void aRemoteReplyCannotChangeTheStatus() {
        MailEvent event = Lines.message(
                "smtp",
                "984BB13B35D: to=<a@x>, relay=h[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host said: 550, status=sent (250 queued as ABCDEF1)");
        assertThat(event.getStatus()).isEqualTo("bounced");
        assertThat(event.getDsn()).isEqualTo("5.0.0");
        assertThat(event.getNextQueueId()).isNull();
    }

    @Test
    void aRecipientCannotImitateADelivery() {
        MailEvent event = Lines.message(
                "smtp",
                "984BB13B35D: to=<v@x>, relay=h[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 queued as ABCDEF1)@y>, relay=none, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no)");
        assertThat(event.getKind()).isEqualTo("other");
        assertThat(event.getTo()).isNull();
        assertThat(event.getStatus()).isNull();
    }

    @Test
    void headerTextIsNoEnvelope() {
        MailEvent event = Lines.message(
                "cleanup",
                "984BB13B35D: warning: header Subject: x; from=<victim@x> to=<v> from unknown[203.0.113.9]; from=<a@x> to=<b@x>");
        assertThat(event.getKind()).isEqualTo("header_check");
        assertThat(event.getFrom()).isNull();
        assertThat(event.getClientIp()).isNull();
    }

    @Test
    void aSenderCannotChangeTheCount() {
        MailEvent event = Lines.message(
                "qmgr", "984BB13B35D: from=<\"a>, size=1, nrcpt=9 (queue active)\"@x>, size=5, nrcpt=1 (queue active)");
        assertThat(event.getNrcpt()).isEqualTo(1);
        assertThat(event.getSize()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=<a@x> proto=ESMTP helo=<x to=<victim@x>",
                "from=<a@x> to=<victim@x> proto=ESMTP helo=<h>",
                "proto=ESMTP helo=<x to=<victim@x> proto=SMTP helo=<h>"
            })
    void beforeARecipientThereIsNone(String tail) {
        MailEvent event = Lines.message(
                "smtpd",
                "NOQUEUE: reject: MAIL from unknown[203.0.113.9]: 552 5.3.4 Message size exceeds limit; " + tail);
        assertThat(event.getReplyCode()).isEqualTo(552);
        assertThat(event.getTo()).isNull();
        assertThat(event.getFrom()).isIn(null, "a@x");
    }
}
