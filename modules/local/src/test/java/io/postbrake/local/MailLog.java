package io.postbrake.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes lines as Postfix does. */
final class MailLog {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    private final Path file;
    private final StringBuilder lines = new StringBuilder();
    private int id = 0xA10000;

    MailLog(Path file) {
        this.file = file;
    }

    /** A login, a message of one recipient, and its delivery. */
    void message(Instant at, String login, String ip) {
        String queueId = Integer.toHexString(id++).toUpperCase(Locale.ROOT) + "B35D";
        line(
                at,
                "submission/smtpd[2201]: " + queueId + ": client=unknown[" + ip + "], sasl_method=PLAIN, sasl_username="
                        + login);
        line(at, "qmgr[944]: " + queueId + ": from=<" + login + ">, size=18836, nrcpt=1 (queue active)");
        line(
                at.plusMillis(700),
                "smtp[2300]: " + queueId + ": to=<someone@example.com>, relay=mx.example.com[198.51.100.7]:25,"
                        + " delay=0.7, delays=0.1/0/0.2/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)");
        line(at.plusMillis(701), "qmgr[944]: " + queueId + ": removed");
    }

    /** The block at work: a recipient refused with its reference. */
    void refusal(Instant at, String login, String ip, String reference) {
        line(
                at,
                "submission/smtpd[2201]: NOQUEUE: reject: RCPT from unknown[" + ip + "]: 554 5.7.1 <" + login
                        + ">: SASL login name rejected: Account suspended [pb:" + reference + "]; from=<" + login
                        + "> to=<next@example.com> proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=" + login);
    }

    /** A wrong password. */
    void failure(Instant at, String login, String ip) {
        line(
                at,
                "submission/smtpd[2202]: warning: unknown[" + ip
                        + "]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=" + login);
    }

    private void line(Instant at, String text) {
        lines.append(STAMP.format(at)).append(" mx postfix/").append(text).append('\n');
    }

    /** All lines since the last time, at once. */
    void write() throws IOException {
        Files.writeString(file, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        lines.setLength(0);
    }
}
