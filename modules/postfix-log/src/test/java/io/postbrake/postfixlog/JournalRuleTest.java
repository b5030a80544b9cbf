package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any local user may write to a journal: what was written of one to a log is believed as the journal itself is. */
class JournalRuleTest {
    private static final Instant READ_AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final String CONNECT = "connect from x[192.0.2.66]";
    private static final JournalRule SERVICE_OF_A_PERSON = new JournalRule(uid -> uid == 1001, Set.of());

    /** A record in each form in which a journal is written to a log; {@code %u} is who wrote it. */
    static Stream<String> records() {
        return Stream.of(
                "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1795857161104512\n_HOSTNAME=h\n_UID=%u\n"
                        + "SYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=7\nMESSAGE=" + CONNECT + "\n\n",
                "Sat 2026-11-28 09:12:41.104512 UTC [s=1;i=1;b=1;m=1;t=661529436eec0;x=1]\n    SYSLOG_PID=7\n"
                        + "    SYSLOG_IDENTIFIER=postfix/smtpd\n    MESSAGE=" + CONNECT + "\n    _UID=%u\n",
                "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_HOSTNAME\":\"h\",\"_UID\":\"%u\",\"SYSLOG_PID\":\"7\","
                        + "\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\",\"MESSAGE\":\"" + CONNECT + "\"}\n",
                "{\n\t\"__REALTIME_TIMESTAMP\" : \"1795857161104512\",\n\t\"_UID\" : \"%u\",\n\t\"SYSLOG_PID\" : \"7\",\n"
                        + "\t\"SYSLOG_IDENTIFIER\" : \"postfix/smtpd\",\n\t\"MESSAGE\" : \"" + CONNECT + "\"\n}\n",
                "{\"message\":\"" + CONNECT
                        + "\",\"source_type\":\"journald\",\"timestamp\":\"2026-11-28T09:12:41.1Z\","
                        + "\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\",\"SYSLOG_PID\":\"7\",\"_UID\":\"%u\"}\n",
                "{\"date\":1795857161.104512,\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\",\"SYSLOG_PID\":\"7\",\"_UID\":\"%u\","
                        + "\"MESSAGE\":\"" + CONNECT + "\"}\n");
    }

    @ParameterizedTest
    @MethodSource("records")
    void whatAPersonWroteIsNoLineOfPostfix(String record) {
        assertThat(kinds(Envelopes.auto(), record.replace("%u", "0"))).containsExactly("connect");
        assertThat(kinds(Envelopes.auto(), record.replace("%u", "999"))).containsExactly("connect");
        assertThat(kinds(Envelopes.auto(), record.replace("%u", "1000"))).isEmpty();
    }

    /** Also where it is settled already what stands around the lines. */
    @ParameterizedTest
    @MethodSource("records")
    void norIsItOnceTheLogIsSettled(String record) {
        String log = record.replace("%u", "0").repeat(120) + record.replace("%u", "1000");

        assertThat(kinds(Envelopes.auto(), log)).hasSize(120);
    }

    @ParameterizedTest
    @MethodSource("records")
    void anAccountIsBelievedWhenItIsNamed(String record) {
        Envelopes named = Envelopes.auto().believing(SERVICE_OF_A_PERSON);

        assertThat(kinds(named, record.replace("%u", "1001"))).containsExactly("connect");
        assertThat(kinds(named, record.replace("%u", "0"))).isEmpty();
    }

    /** An engine names its containers as it is told: a name of Postfix's does not make their text its own. */
    @ParameterizedTest
    @ValueSource(strings = {"postfix/smtpd", "postfix", "our-mail"})
    void ofAContainerThePostfixIsReadThatHasAHeaderOfItsOwn(String tag) {
        String head = "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_UID\":\"0\",\"CONTAINER_ID\":\"0a1b2c3d4e5f\","
                + "\"SYSLOG_IDENTIFIER\":\"" + tag + "\",\"MESSAGE\":\"";

        assertThat(kinds(Envelopes.auto(), head + "Nov 28 09:12:41 mx postfix/smtpd[7]: " + CONNECT + "\"}\n"))
                .containsExactly("connect");
        assertThat(kinds(Envelopes.auto(), head + CONNECT + "\"}\n")).isEmpty();
    }

    @Test
    void aTagOfTheOperatorsNamesContainersToo() {
        String record = "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_UID\":\"0\",\"SYSLOG_IDENTIFIER\":\"relay\","
                + "\"MESSAGE\":\"Nov 28 09:12:41 mx postfix/smtpd[7]: " + CONNECT + "\"}\n";
        Envelopes tagged = Envelopes.auto().believing(new JournalRule(uid -> uid < 1000, Set.of("relay")));

        assertThat(kinds(Envelopes.auto(), record)).isEmpty();
        assertThat(kinds(tagged, record)).containsExactly("connect");
    }

    /** Docker marks all pieces of a line, Podman all but the last: what is behind the first began in a stranger's text. */
    @ParameterizedTest
    @ValueSource(strings = {",\"CONTAINER_PARTIAL_ID\":\"1\"", ""})
    void aPieceOfAContainersLineIsNone(String markOfTheLast) {
        String head = "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_UID\":\"0\",\"CONTAINER_ID\":\"0a1b2c3d4e5f\","
                + "\"SYSLOG_IDENTIFIER\":\"mail\"";
        String text = ",\"MESSAGE\":\"Nov 28 09:12:41 mx postfix/smtpd[7]: " + CONNECT + "\"}\n";
        String log =
                head + ",\"CONTAINER_PARTIAL_MESSAGE\":\"true\"" + text + head + markOfTheLast + text + head + text;

        assertThat(kinds(Envelopes.auto(), log)).containsExactly("connect");
        assertThat(kinds(Envelopes.of("journal-json"), log)).containsExactly("connect");
    }

    /** Kinds of the lines of Postfix that are read. */
    private static List<String> kinds(Envelopes envelopes, String log) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, envelopes);
        List<String> kinds = new ArrayList<>();
        // journalctl -o verbose ends a record where the next begins.
        for (String line : (log + "\n").split("\n", -1)) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            MailEvent e = parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT));
            if (e.getSyslogName() != null && e.getSyslogName().startsWith("postfix")) {
                kinds.add(e.getKind());
            }
        }
        return kinds;
    }
}
