package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.nio.charset.StandardCharsets;

/**
 * The places of Postfix's lines where a stranger's text stands, and what must be true of the event whatever that text is:
 * what the server said of itself stays, and the text is at its own place or left out.
 */
enum HostileField {
    LOGIN("smtpd", "4B35D0A1: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=", "") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "client");
            assertThat(e.getSaslMethod()).isEqualTo("PLAIN");
            // The one text that ends a login: it may be MAIL AUTH=, which whoever is logged in chooses.
            int sender = text.indexOf(", sasl_sender=");
            assertThat(e.getSaslUsername()).isEqualTo(sender < 0 ? text : text.substring(0, sender));
            assertThat(e.getProxyIp()).isNull();
            assertThat(e.getOrigQueueId()).isNull();
        }
    },
    MAIL_AUTH(
            "smtpd",
            "4B35D0A1: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=ann@x, sasl_sender=",
            "") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "client");
            assertThat(e.getSaslUsername()).isEqualTo("ann@x");
            assertThat(e.getClientIp()).isEqualTo("203.0.113.9");
            assertThat(e.getProxyIp()).isNull();
        }
    },
    /** From a client inside, where a filter might be; a parameter with a space is quoted. */
    MAIL_AUTH_INSIDE(
            "smtpd", "4B35D0A1: client=unknown[10.0.0.9], sasl_method=PLAIN, sasl_username=ann@x, sasl_sender=", "") {
        @Override
        String written(String text) {
            int half = text.length() / 2;
            String plain = text.replace("\"", "").replace("\\", "");
            return '"'
                    + plain.substring(0, Math.min(half, plain.length()))
                    + '"'
                    + plain.substring(Math.min(half, plain.length())).replace(" ", "");
        }

        @Override
        void client(MailEvent e) {
            assertThat(e.getClientIp()).isEqualTo("10.0.0.9");
        }

        @Override
        void check(MailEvent e, String text) {
            kind(e, "client");
            assertThat(e.getSaslUsername()).isEqualTo("ann@x");
            assertThat(e.getProxyIp()).isNull();
        }
    },
    REFUSED_MAIL_AUTH(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <b@x>: Relay access denied; from=<a@x>"
                    + " to=<b@x> proto=ESMTP helo=<h> sasl_method=PLAIN sasl_username=ann@x sasl_sender=",
            "") {
        @Override
        void login(MailEvent e) {
            assertThat(e.getSaslUsername()).isIn(null, "ann@x");
        }
    },
    FAILED_LOGIN(
            "smtpd",
            "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=",
            "") {
        @Override
        void check(MailEvent e, String text) {
            assertThat(e.getKind()).isEqualTo("auth_failed");
            assertThat(e.getReason()).isEqualTo("UGFzc3dvcmQ6");
            assertThat(e.getSaslMethod()).isEqualTo("LOGIN");
            assertThat(e.getSaslUsername()).isEqualTo(text.isEmpty() || text.equals("(unavailable)") ? null : text);
        }
    },
    HELO(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <b@x>: Relay access denied; from=<a@x>"
                    + " to=<b@x> proto=ESMTP helo=<",
            ">"),
    HELO_OF_A_LOGIN(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <b@x>: Relay access denied; from=<a@x>"
                    + " to=<b@x> proto=ESMTP helo=<",
            "> sasl_method=PLAIN sasl_username=ann@x") {
        @Override
        void login(MailEvent e) {
            assertThat(e.getSaslUsername()).isIn(null, "ann@x");
        }
    },
    HELO_OF_A_BLOCKED_LOGIN(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <ann@x>: SASL login name rejected: stopped"
                    + " [pb:b-17]; from=<a@x> to=<b@x> proto=ESMTP helo=<",
            ">") {
        @Override
        void login(MailEvent e) {
            assertThat(e.getSaslUsername()).isIn(null, "ann@x");
            assertThat(e.getBlockRef()).isIn(null, "b-17");
        }
    },
    REFUSED_SENDER(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 450 4.1.8 Sender address rejected: Domain not found;"
                    + " from=<",
            "> to=<b@x> proto=ESMTP helo=<h>") {
        @Override
        void from(MailEvent e, String text) {
            assertThat(e.getFrom()).isIn(null, text);
        }
    },
    REFUSED_RECIPIENT(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 Relay access denied; from=<a@x> to=<",
            "> proto=ESMTP helo=<h>") {
        @Override
        void to(MailEvent e, String text) {
            assertThat(e.getTo()).isIn(null, text);
        }
    },
    /** The recipient stands in the reply too. */
    QUOTED_RECIPIENT(
            "smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <", "> proto=ESMTP helo=<h>") {
        @Override
        String written(String text) {
            return text + ">: Relay access denied; from=<a@x> to=<" + text;
        }

        @Override
        void to(MailEvent e, String text) {
            assertThat(e.getTo()).isIn(null, text);
        }
    },
    SCREENED_HELO(
            "postscreen",
            "NOQUEUE: reject: RCPT from [203.0.113.9]:4711: 550 5.7.1 Service unavailable; client [203.0.113.9]"
                    + " blocked; from=<a@x>, to=<b@x>, proto=ESMTP, helo=<",
            ">"),
    PREGREETING("postscreen", "PREGREET 14 after 0.06 from [203.0.113.9]:4711: ", ""),
    NO_COMMAND("smtpd", "warning: non-SMTP command from unknown[203.0.113.9]: ", ""),
    NO_ADDRESS("smtpd", "warning: Illegal address syntax from unknown[203.0.113.9] in MAIL command: ", ""),
    PIPELINED("smtpd", "improper command pipelining after HELO from unknown[203.0.113.9]: ", ""),
    MILTERS_REPLY(
            "cleanup",
            "4B35D0A1: milter-reject: END-OF-MESSAGE from unknown[203.0.113.9]: 5.7.1 ",
            "; from=<a@x> to=<b@x> proto=ESMTP helo=<h>"),
    HEADER(
            "cleanup",
            "4B35D0A1: warning: header Subject: ",
            " from unknown[203.0.113.9]; from=<a@x> to=<b@x> proto=ESMTP helo=<h>"),
    HEADER_OF_LOCAL_MAIL("cleanup", "4B35D0A1: warning: header Subject: ", " from local; from=<a@x> to=<b@x>"),
    MESSAGE_ID("cleanup", "4B35D0A1: message-id=<", ">") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "message_id");
            login(e);
        }
    },
    SENDER("qmgr", "4B35D0A1: from=<", ">, size=345, nrcpt=2 (queue active)") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "queued");
            assertThat(e.getFrom()).isEqualTo(text);
            assertThat(e.getSize()).isEqualTo(345);
            assertThat(e.getNrcpt()).isEqualTo(2);
            login(e);
        }
    },
    /** As since 3.5, a local part that needs it is quoted. */
    RECIPIENT(
            "smtp",
            "4B35D0A1: to=<",
            ">, relay=mx.x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no such user)") {
        @Override
        String written(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"@y";
        }

        @Override
        void check(MailEvent e, String text) {
            kind(e, "delivery");
            assertThat(e.getTo()).isEqualTo(written(text));
            assertThat(e.getStatus()).isEqualTo("bounced");
            assertThat(e.getDsn()).isEqualTo("5.1.1");
            assertThat(e.getRelay()).isEqualTo("mx.x[192.0.2.1]:25");
            assertThat(e.getReason()).isEqualTo("no such user");
            login(e);
        }
    },
    /** As before 3.5, without quotes: an original recipient can be feigned, nothing else. */
    RECIPIENT_BEFORE_3_5(
            "smtp",
            "4B35D0A1: to=<",
            "@y>, relay=mx.x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no such user)") {
        @Override
        void check(MailEvent e, String text) {
            assertThat(e.getQueueId()).isEqualTo("4B35D0A1");
            int feigned = text.indexOf(">, orig_to=<");
            assertThat(e.getTo()).isIn(null, text + "@y", feigned < 0 ? null : text.substring(0, feigned));
            assertThat(e.getStatus()).isIn(null, "bounced");
            assertThat(e.getDsn()).isIn(null, "5.1.1");
            assertThat(e.getRelay()).isIn(null, "mx.x[192.0.2.1]:25");
            login(e);
        }
    },
    REMOTE_REPLY(
            "smtp",
            "4B35D0A1: to=<b@x>, relay=mx.x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host"
                    + " mx.x[192.0.2.1] said: 550 ",
            " (in reply to RCPT TO command))") {
        @Override
        void check(MailEvent e, String text) {
            assertThat(e.getQueueId()).isEqualTo("4B35D0A1");
            if (e.getKind().equals("delivery")) {
                assertThat(e.getTo()).isEqualTo("b@x");
                assertThat(e.getStatus()).isEqualTo("bounced");
                assertThat(e.getDsn()).isEqualTo("5.0.0");
                assertThat(e.getReason())
                        .isEqualTo("host mx.x[192.0.2.1] said: 550 " + text + " (in reply to RCPT TO command)");
            }
            assertThat(e.getNextQueueId()).isNull();
            login(e);
        }
    },
    INTERIM_REPLY("smtp", "4B35D0A1: host mx.x[192.0.2.1] said: 450 ", " (in reply to RCPT TO command)") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "other");
            assertThat(e.getRelay()).isEqualTo("mx.x[192.0.2.1]");
            login(e);
        }
    },
    LOCAL_SENDER("pickup", "4B35D0A1: uid=33 from=<", ">") {
        @Override
        void check(MailEvent e, String text) {
            kind(e, "pickup");
            assertThat(e.getUid()).isEqualTo(33);
            assertThat(e.getFrom()).isEqualTo(text);
            login(e);
        }
    };

    private static final String CLIENT = "203.0.113.9";

    private final String service;
    private final String before;
    private final String after;

    HostileField(String service, String before, String after) {
        this.service = service;
        this.before = before;
        this.after = after;
    }

    /** Text as Postfix would print it: what is not printable is a question mark. */
    static String printable(byte[] text) {
        StringBuilder out = new StringBuilder(text.length);
        for (byte b : text) {
            out.append(b >= ' ' && b < 127 ? (char) b : '?');
        }
        return out.toString().strip();
    }

    /** How the text stands in the line. */
    String written(String text) {
        return text;
    }

    String line(String text) {
        return "May  9 22:12:21 mx postfix/" + service + "[7]: " + before + written(text) + after;
    }

    /** Reads the line and fails when the text got out of its place. */
    void holds(String text) {
        byte[] line = line(text).getBytes(StandardCharsets.UTF_8);
        MailEvent e = Lines.parser().parse(line, 0, line.length, Lines.origin(Lines.READ_AT));
        assertThat(e.getService()).isEqualTo(service);
        assertThat(e.getPid()).isEqualTo(7);
        assertThat(e.getLoggedHost()).isEqualTo("mx");
        assertThat(e.getHostId()).isEqualTo("mx1");
        client(e);
        check(e, text);
    }

    void client(MailEvent e) {
        assertThat(e.getClientIp()).isIn(null, CLIENT);
    }

    /** A line that names a client: its address stays, as do an id, a reply and an envelope. */
    void check(MailEvent e, String text) {
        assertThat(e.getKind())
                .isNotIn("client", "queued", "delivery", "auth_failed", "removed", "connect", "disconnect");
        assertThat(e.getQueueId()).isEqualTo(before.startsWith("4B35D0A1") ? "4B35D0A1" : null);
        from(e, text);
        to(e, text);
        login(e);
        if (!before.contains("header")) {
            assertThat(e.getClientIp()).isEqualTo(CLIENT);
        }
        if (before.contains("reject: ") && !before.contains("milter")) {
            assertThat(e.getReplyCode())
                    .isEqualTo(Long.valueOf(
                            before.replaceAll(".*\\]: |.*:4711: | .*", "").strip()));
        }
    }

    void from(MailEvent e, String text) {
        assertThat(e.getFrom()).isIn(null, "a@x");
    }

    void to(MailEvent e, String text) {
        assertThat(e.getTo()).isIn(null, "b@x");
    }

    void login(MailEvent e) {
        assertThat(e.getSaslUsername()).isNull();
        assertThat(e.getBlockRef()).isNull();
    }

    private static void kind(MailEvent e, String kind) {
        assertThat(e.getKind()).isEqualTo(kind);
        assertThat(e.getQueueId()).isEqualTo("4B35D0A1");
    }
}
