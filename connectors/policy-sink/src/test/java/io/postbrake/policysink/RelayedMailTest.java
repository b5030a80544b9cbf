package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose a message without a login is, and which are no such message. */
class RelayedMailTest {

    private static final Instant NOON = Instant.parse("2026-03-20T12:00:00Z");

    private final RelayedMail mail = new RelayedMail();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "unknown[192.168.7.9] | relay_sender:192.168.7.9 boss@example.com",
                "localhost[127.0.0.1]:4711 | relay_sender:127.0.0.1 boss@example.com",
                "localhost[::1] | relay_sender:::1 boss@example.com",
                "mail.example.net[198.51.100.7] | -",
                "localhost[127.0.0.1], orig_queue_id=5F83520425F, orig_client=unknown[203.0.113.9] | -",
            })
    void itIsTheSendersOfAClientNearbyUnlessAFilterSaysWhoseItWas(String client, String owner) {
        mail.began(event("smtpd", "4F83520425F: client=" + client));

        assertThat(mail.owner(queued("4F83520425F"))).isEqualTo(owner);
        assertThat(mail.owner(queued("4F835204260"))).isNull();
    }

    @Test
    void itIsSettledOnceAFilterWouldHaveAnswered() {
        mail.began(event("smtpd", "4F83520425F: client=localhost[127.0.0.1]"));

        assertThat(mail.settled("4F83520425F", NOON.plusMillis(1999))).isFalse();
        assertThat(mail.settled("4F83520425F", NOON.plusMillis(2000))).isTrue();
    }

    /** What a server elsewhere calls its own message is no id of this host, whatever it says. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1[127.0.0.1]:10024, true",
        "filter.example[10.0.0.9]:10024, true",
        "host[private/filter], false",
        "mx.example.net[198.51.100.7]:25, false",
        "none, false"
    })
    void onlyAFilterNearbyHandsBack(String relay, boolean filter) {
        MailEvent sent = event(
                "smtp",
                "4F83520425F: to=<x@example.org>, relay=" + relay + ", delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent"
                        + " (250 2.0.0 Ok: queued as 4F835204260)");

        assertThat(RelayedMail.handsBack(sent)).isEqualTo(filter);
    }

    private static MailEvent queued(String id) {
        return event("qmgr", id + ": from=<Boss@example.com>, size=500, nrcpt=1 (queue active)");
    }

    private static MailEvent event(String program, String message) {
        byte[] line =
                ("2026-03-20T12:00:00Z mx1 postfix/" + program + "[7]: " + message).getBytes(StandardCharsets.US_ASCII);
        return new PostfixLogParser(ZoneOffset.UTC, null)
                .parse(line, 0, line.length, new LineOrigin("mx1", "log", 0, 0, NOON));
    }
}
