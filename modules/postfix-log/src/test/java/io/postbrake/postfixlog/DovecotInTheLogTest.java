package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dovecot's lines in the header of syslog, of its own log file, and in what containers and journals put around them. */
class DovecotInTheLogTest {
    private static final String TEXT =
            "user=<ann@example.com>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.10, mpid=731, TLS, session=<kk2y0PNB>";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "May  9 22:12:21 mx dovecot: imap-login: Login: ",
                "May  9 22:12:21 mx dovecot[731]: imap-login: Logged in: ",
                "2024-05-09T22:12:21.123456+00:00 mx dovecot: imap-login: Login: ",
                "<22>May  9 22:12:21 mx dovecot: imap-login: Login: ",
                "<22>1 2024-05-09T22:12:21Z mx dovecot 731 - - imap-login: Login: ",
                "May 09 22:12:21 imap-login: Info: Login: ",
                "2024-05-09 22:12:21 imap-login: Info: Logged in: ",
                "May  9 22:12:21 mx mail.info dovecot: imap-login: Login: ",
                "May  9 22:12:21 node docker/mailserver[9]: May  9 22:12:21 mx dovecot: imap-login: Login: ",
                "May  9 22:12:21 node docker/mailserver[9]: May 09 22:12:21 imap-login: Info: Login: ",
                "2024-05-09T22:12:21.1Z stdout F May  9 22:12:21 mx dovecot: imap-login: Login: "
            })
    void aLoginIsReadInTheHeadersThatItHas(String header) {
        MailEvent e = Lines.line(header + TEXT);

        assertThat(e.getKind()).isEqualTo("login");
        assertThat(e.getService()).isEqualTo("imap-login");
        assertThat(e.getSaslUsername()).isEqualTo("ann@example.com");
        assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
        assertThat(e.getOccurredAt().toString()).startsWith("2024-05-09T22:12:21");
    }

    @Test
    void aLogOfDovecotAloneShowsHowItIsWrapped() {
        List<String> lines = Stream.of(1, 2, 3)
                .map(i -> "{\"log\":\"May 09 22:12:2" + i + " imap-login: Info: Login: " + TEXT
                        + "\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-09T22:12:2" + i + ".5Z\"}")
                .toList();

        assertThat(kinds(lines)).containsOnly("login");
    }

    @Test
    void repetitionsOfDovecotsLinesCount() {
        String line = "May  9 22:12:21 mx dovecot: imap-login: Aborted login (auth failed, 2 attempts in 3 secs): "
                + TEXT.replace(", mpid=731", "");
        MailEvent folded = Lines.line("May  9 22:12:21 mx dovecot: message repeated 3 times: [ "
                + line.substring(line.indexOf("imap-login")) + "]");

        assertThat(folded.getKind()).isEqualTo("login_failed");
        assertThat(folded.getRepeats()).isEqualTo(3);
        assertThat(folded.getSession()).isEqualTo("kk2y0PNB");

        List<MailEvent> all = events(List.of(line, "May  9 22:12:30 mx last message repeated 4 times"));
        assertThat(all.get(1).getKind()).isEqualTo("login_failed");
        assertThat(all.get(1).getRepeats()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "May  9 22:12:21 mx webapp[7]: imap-login: Login: ",
                "May  9 22:12:21 mx webapp[7]: May  9 22:12:21 mx dovecot: imap-login: Login: ",
                "May  9 22:12:21 mx dovecot: lmtp(731): imap-login: Login: ",
                "May  9 22:12:21 mx dovecot: imap(ann)<1><x>: Info: imap-login: Login: ",
                "May  9 22:12:21 mx dovecot: pop3(x): imap-login: Login: ",
                "imap-login: Info: Login: "
            })
    void whatAnotherProgramSaysIsNoLogin(String header) {
        assertThat(Lines.line(header + TEXT).getKind()).isIn("not_postfix", "unparsed");
    }

    @Test
    void theNameThatTheAuthenticationServerShowsIsNoPrograms() {
        MailEvent e = Lines.line(
                "May 09 22:12:21 auth(ann@example.com,198.51.100.7,sasl:plain)<kk2y0PNB>: Info: users: Password mismatch");

        assertThat(e.getKind()).isEqualTo("login_reason");
        assertThat(e.getSyslogName()).isEqualTo("auth");
    }

    private static List<String> kinds(List<String> lines) {
        return events(lines).stream().map(MailEvent::getKind).toList();
    }

    private static List<MailEvent> events(List<String> lines) {
        var parser = new PostfixLogParser(ZoneOffset.UTC, null);
        return lines.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .map(bytes -> parser.parse(bytes, 0, bytes.length, Lines.origin(Lines.READ_AT)))
                .toList();
    }
}
