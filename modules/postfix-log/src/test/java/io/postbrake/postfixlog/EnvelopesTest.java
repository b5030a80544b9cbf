package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrappings as the documentation of engines and collectors shows them. */
class EnvelopesTest {
    private static final Instant READ_AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final String CLIENT =
            "postfix/submission/smtpd[812]: 4B35D0A1: client=unknown[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@example.com";

    /** Until then pieces of other programs would be no line of anybody. */
    @Test
    void anOutermostEnvelopeThatIsKnownOpensWhatComesBeforeTheFirstLineOfPostfix() {
        var known = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.auto().within("cri"));
        List<String> kinds = new ArrayList<>();
        for (String line : List.of(
                "2026-11-28T09:12:42.1Z stdout P Nov 28 10:12:41 mail ",
                "2026-11-28T09:12:42.1Z stdout F cron[1]: hello",
                "2026-11-28T09:12:42.1Z stdout F {\"log\":\"" + CLIENT
                        + "\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:42Z\"}",
                "2026-11-28T09:12:42.1Z stdout F Nov 28 10:12:41 mail " + CLIENT)) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            MailEvent event = known.parse(bytes, 0, bytes.length, new LineOrigin("mx1", "s", 0, 0, READ_AT));
            kinds.add(known.piece() ? "piece" : event.getKind());
        }

        assertThat(kinds).containsExactly("piece", "not_postfix", "client", "client");
    }

    /** The log's zone is Berlin's; each line says when, by its own stamp or by the wrapping's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\0',
            value = {
                // Docker's json-file: the inner stamp counts; without one the engine's.
                "{\"log\":\"2026-11-28T10:12:41.104512+01:00 mail %s\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:42.104690137Z\"} ~ 2026-11-28T09:12:41.104Z ~ mail",
                "{\"log\":\"Nov 28 10:12:41 mail %s\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-28T09:13:02.310214551Z\"} ~ 2026-11-28T09:12:41Z ~ mail",
                "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"mail\"},\"time\":\"2026-11-28T09:12:41.310214551Z\"} ~ 2026-11-28T09:12:41.310Z ~ -",
                "{\"log\":\"Nov 28 10:12:41 1f2e3d4c5b6a %s\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:13:02Z\"} ~ 2026-11-28T09:12:41Z ~ 1f2e3d4c5b6a",
                "{\"log\":\"Nov 28 10:12:41 mail mail.info %s\\r\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:13:02Z\"} ~ 2026-11-28T09:12:41Z ~ mail",
                // docker logs -t, docker compose logs, with -t and without, docker service logs
                "2026-11-28T09:12:42.018306084Z Nov 28 10:12:41 mail %s ~ 2026-11-28T09:12:41Z ~ mail",
                "2026-11-28T09:12:42.492557979Z 2026-11-28T10:12:41.491803+01:00 INFO    %s ~ 2026-11-28T09:12:41.491Z ~ -",
                "2026-11-28T09:12:42.492557979Z 2026-11-28T10:12:41.491803+01:00 %s ~ 2026-11-28T09:12:41.491Z ~ -",
                "2026-11-28T09:12:41.492557979Z %s ~ 2026-11-28T09:12:41.492Z ~ -",
                "postfix-mailcow_1    | 2026-11-28T09:12:44.875029166Z Nov 28 10:12:41 mail %s ~ 2026-11-28T09:12:41Z ~ mail",
                "postfix-mailcow-1  | Nov 28 10:12:41 1f2e3d4c5b6a %s ~ 2026-11-28T09:12:41Z ~ 1f2e3d4c5b6a",
                "mail.1.k2n0n5x0u8gq@node-3    | 2026-11-28T10:12:41+01:00 mail %s ~ 2026-11-28T09:12:41Z ~ mail",
                "mail-1  | 2026-11-28T09:12:41.875029166Z %s ~ 2026-11-28T09:12:41.875Z ~ -",
                "mail-1  | %s ~ - ~ -",
                // Kubernetes
                "2026-11-28T09:12:42.104690137Z stdout F Nov 28 10:12:41 mail %s ~ 2026-11-28T09:12:41Z ~ mail",
                "2026-11-28T10:12:42.104690137+01:00 stderr F 2026-11-28T10:12:41+01:00 INFO %s ~ 2026-11-28T09:12:41Z ~ -",
                "2026-11-28T10:12:41.104690137+01:00 stdout F INFO    %s ~ 2026-11-28T09:12:41.104Z ~ -",
                "2026-11-28T10:12:41.104690137+01:00 stdout F:x=y %s ~ 2026-11-28T09:12:41.104Z ~ -",
                "[pod/mail-0/postfix] Nov 28 10:12:41 mail-0 %s ~ 2026-11-28T09:12:41Z ~ mail-0",
                "[pod/mail-5c9d7b/postfix] 2026-11-28T09:12:42.104690137Z Nov 28 10:12:41 mail-0 %s ~ 2026-11-28T09:12:41Z ~ mail-0",
                "[pod/mail-5c9d7b/postfix] 2026-11-28T09:12:41.104690137Z %s ~ 2026-11-28T09:12:41.104Z ~ -",
                // a container's output in the journal, the tag the operator's own
                "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_HOSTNAME\":\"docker-3\",\"SYSLOG_IDENTIFIER\":\"out\",\"CONTAINER_ID\":\"0a1b2c3d4e5f\",\"CONTAINER_NAME\":\"web\",\"_PID\":\"9\",\"MESSAGE\":\"%s\"} ~ 2026-11-28T09:12:41.104Z ~ docker-3",
                "{\"__REALTIME_TIMESTAMP\":\"1795857162104512\",\"_HOSTNAME\":\"docker-3\",\"SYSLOG_IDENTIFIER\":\"out\",\"CONTAINER_ID\":\"0a1b2c3d4e5f\",\"MESSAGE\":\"Nov 28 10:12:41 mx %s\"} ~ 2026-11-28T09:12:41Z ~ mx",
                // GELF
                "{\"version\":\"1.1\",\"host\":\"docker-3\",\"short_message\":\"%s\",\"timestamp\":1795857161.104,\"level\":6,\"_container_name\":\"web\",\"_tag\":\"mail\"} ~ 2026-11-28T09:12:41.104Z ~ docker-3",
                "{\"version\":\"1.1\",\"host\":\"docker-3\",\"short_message\":\"Nov 28 10:12:41 mx %s\",\"timestamp\":1795857162,\"level\":6,\"_container_id\":\"0a1b\"} ~ 2026-11-28T09:12:41Z ~ mx",
                // Vector: a file, a container
                "{\"file\":\"/var/log/mail.log\",\"host\":\"mx7\",\"message\":\"Nov 28 10:12:41 mail %s\",\"source_type\":\"file\",\"timestamp\":\"2026-11-28T09:12:42.1Z\"} ~ 2026-11-28T09:12:41Z ~ mail",
                "{\"container_name\":\"web\",\"message\":\"%s\",\"source_type\":\"docker_logs\",\"stream\":\"stdout\",\"timestamp\":\"2026-11-28T09:12:41.1Z\",\"label\":{\"a\":[1,{\"b\":\"}\"}]}} ~ 2026-11-28T09:12:41.100Z ~ -",
                // Fluent Bit and Fluentd: time as a number or a text
                "{\"date\":1795857161.104512,\"log\":\"%s\"} ~ 2026-11-28T09:12:41.104Z ~ -",
                "{\"@timestamp\":\"2026-11-28T09:12:42.104Z\",\"log\":\"Nov 28 10:12:41 mail %s\",\"kubernetes\":{\"pod_name\":\"mail-0\",\"host\":\"node-3\"}} ~ 2026-11-28T09:12:41Z ~ mail",
                "{\"time\":\"Nov 28 10:12:41\",\"message\":\"%s\"} ~ 2026-11-28T09:12:41Z ~ -",
                // socklog under svlogd -tt, multilog in a container
                "2026-11-28_09:12:42.12345 mail.info: Nov 28 10:12:41 %s ~ 2026-11-28T09:12:41Z ~ -",
                "@400000006b0c37d107ce8324 Nov 28 10:12:41 mail %s ~ 2026-11-28T09:12:41Z ~ mail",
                // no stamp anywhere
                "%s ~ - ~ -",
                "<22>%s ~ - ~ -",
                "<22>1 - mx postfix/submission/smtpd 812 - - 4B35D0A1: client=unknown[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@example.com ~ - ~ mx"
            })
    void theLineWithinIsRead(String wrapped, String time, String host) {
        PostfixLogParser parser = new PostfixLogParser(ZoneId.of("Europe/Berlin"), null);

        MailEvent e = parse(parser, wrapped.replace("%s", CLIENT));

        assertThat(e.getKind()).isEqualTo("client");
        assertThat(e.getSaslUsername()).isEqualTo("ann@example.com");
        assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
        assertThat(e.getQueueId()).isEqualTo("4B35D0A1");
        assertThat(e.getSyslogName()).isEqualTo("postfix/submission/smtpd");
        assertThat(e.getService()).isEqualTo("smtpd");
        assertThat(e.getPid()).isEqualTo(812);
        assertThat(parser.stamped() ? e.getOccurredAt().toString() : "-").isEqualTo(time);
        assertThat(e.getLoggedHost()).isEqualTo(host.equals("-") ? null : host);
        assertThat(parser.framed()).isTrue();
    }

    /** Tag and text in fields: then the text is what Postfix said, whatever it looks like. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"appname\":\"postfix/submission/smtpd\",\"facility\":\"mail\",\"hostname\":\"mail\",\"message\":\"%s\",\"procid\":812,\"severity\":\"info\",\"source_ip\":\"192.0.2.1\",\"source_type\":\"syslog\",\"timestamp\":\"2026-11-28T09:12:41Z\"}",
                "{\"date\":1795857161.0,\"pri\":\"22\",\"time\":\"Nov 28 10:12:41\",\"host\":\"mail\",\"ident\":\"postfix/submission/smtpd\",\"pid\":\"812\",\"message\":\"%s\"}",
                "{\"@timestamp\":1795857161.000,\"SYSLOG_IDENTIFIER\":\"postfix/submission/smtpd\",\"_PID\":\"812\",\"_HOSTNAME\":\"mail\",\"MESSAGE\":\"%s\"}",
                "{\"host\":\"mail\",\"ident\":\"postfix/submission/smtpd\",\"pid\":\"812\",\"message\":\"%s\",\"time\":\"2026-11-28 10:12:41\"}",
                "{\"PROGRAM\":\"postfix/submission/smtpd\",\"PID\":\"812\",\"MESSAGE\":\"%s\",\"HOST\":\"mail\",\"DATE\":\"Nov 28 10:12:41\"}",
                "{\"timereported\":\"2026-11-28T10:12:41+01:00\",\"hostname\":\"mail\",\"syslogtag\":\"postfix/submission/smtpd[812]:\",\"msg\":\" %s\"}",
                "{\"version\":\"1.1\",\"host\":\"mail\",\"short_message\":\"%s\",\"timestamp\":1795857161,\"_program\":\"postfix/submission/smtpd\",\"_pid\":\"812\"}"
            })
    void headersInFieldsAreRead(String wrapped) {
        PostfixLogParser parser = new PostfixLogParser(ZoneId.of("Europe/Berlin"), null);

        MailEvent e = parse(
                parser,
                wrapped.replace(
                        "%s",
                        "warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x, sasl_username=\\\"\\u00e4nn\\\"@example.com"));

        assertThat(e.getKind()).isEqualTo("auth_failed");
        assertThat(e.getSaslUsername()).isEqualTo("\"änn\"@example.com");
        assertThat(e.getOccurredAt()).isEqualTo("2026-11-28T09:12:41Z");
        assertThat(e.getLoggedHost()).isEqualTo("mail");
        assertThat(e.getService()).isEqualTo("smtpd");
        assertThat(e.getPid()).isEqualTo(812);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\0',
            value = {
                "<22>Nov 28 09:12:41 mail postfix/submissions-proxyprotoco warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x, sasl_username=ann@example.com ~ auth_failed ~ - ~ -",
                "<22>Nov 28 09:12:41 mail postfix/submission/smtpd[1885206 4B35D0A1: client=unknown[203.0.113.45], sasl_method=PLAIN, sasl_username=ann@example.com ~ client ~ smtpd ~ -",
                "<22>2026-11-28T09:12:41+00:00 mail postfix/submission-haproxy/smtpd 4B35D0A1: client=unknown[203.0.113.45], sasl_method=PLAIN, sasl_username=ann@example.com ~ client ~ - ~ -",
                "Nov 28 09:12:41 mail postfix/submissions/smtpd[12345] warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x, sasl_username=ann@example.com ~ auth_failed ~ smtpd ~ 12345",
                "Nov 28 09:12:41 mail postfix-out/submissions/smtpd[12 4B35D0A1: client=unknown[203.0.113.45], sasl_method=PLAIN, sasl_username=ann@example.com ~ client ~ smtpd ~ -",
                "Nov 28 09:12:41 mail postfix[12345] warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x, sasl_username=ann@example.com ~ auth_failed ~ postfix ~ 12345"
            })
    void cutTagsAreRead(String line, String kind, String service, String pid) {
        MailEvent e = parse(new PostfixLogParser(ZoneOffset.UTC, null), line);

        assertThat(e.getKind()).isEqualTo(kind);
        assertThat(e.getSaslUsername()).isEqualTo("ann@example.com");
        assertThat(e.getClientIp()).isEqualTo("203.0.113.45");
        assertThat(e.getService()).isEqualTo(service.equals("-") ? null : service);
        assertThat(e.getPid()).isEqualTo(pid.equals("-") ? null : Long.valueOf(pid));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nov 28 09:12:41 mail postfix/submissions-proxyproto warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x",
                "Nov 28 09:12:41 mail postfix/smtpd 4B35D0A1: client=unknown[203.0.113.45], sasl_method=PLAIN, sasl_username=a",
                "Nov 28 09:12:41 mail dovecot/submissions-proxyprotoco warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x"
            })
    void tagsOfAnotherLengthStayUnread(String line) {
        MailEvent e = parse(new PostfixLogParser(ZoneOffset.UTC, null), line);

        assertThat(e.getKind()).isIn("unparsed", "not_postfix");
    }

    /** Pieces are joined for each stream by itself; the stamp is the last one's. */
    @Test
    void piecesAreJoined() {
        List<String> said = kinds(
                Envelopes.of("cri"),
                "2026-11-28T09:12:41.1Z stdout P postfix/submission/smtpd[812]: 4B35D0A1: client=unknown[198.51.100.7], sasl_met",
                "2026-11-28T09:12:41.2Z stderr P postfix/submission/smtpd[813]: 4B35D0A2: client=unknown[198.51.100.8]",
                "2026-11-28T09:12:41.3Z stdout P hod=PLAIN, sasl_username=ann@exam",
                "2026-11-28T09:12:41.4Z stdout F ple.com",
                "2026-11-28T09:12:41.5Z stderr F ",
                "2026-11-28T09:12:41.6Z stdout F postfix/submission/smtpd[812]: 4B35D0A3: client=unknown[198.51.100.9]");

        assertThat(said)
                .containsExactly(
                        "piece",
                        "piece",
                        "piece",
                        "client 4B35D0A1 ann@example.com 198.51.100.7 2026-11-28T09:12:41.400Z",
                        "client 4B35D0A2 null 198.51.100.8 2026-11-28T09:12:41.500Z",
                        "client 4B35D0A3 null 198.51.100.9 2026-11-28T09:12:41.600Z");
    }

    @Test
    void dockersPiecesAreJoined() {
        String begin =
                "postfix/submission/smtpd[812]: 4B35D0A1: client=unknown[198.51.100.7], sasl_method=PLAIN, sasl_username=";
        String first = begin + "a".repeat(16_384 - begin.length());

        List<String> said = kinds(
                Envelopes.auto(),
                docker(CLIENT + "\\n", "stdout"),
                docker(first, "stdout"),
                docker("postfix/smtpd[9]: connect from x[192.0.2.1]\\n", "stderr"),
                docker("b@example.com\\n", "stdout"),
                docker("postfix/smtpd[9]: connect from x[192.0.2.1]", "stdout"));

        assertThat(said).hasSize(5);
        assertThat(said.get(1)).isEqualTo("piece");
        assertThat(said.get(2)).startsWith("connect");
        assertThat(said.get(3)).startsWith("client 4B35D0A1 aaaa").contains("ab@example.com 198.51.100.7");
        assertThat(said.get(4)).startsWith("connect");
    }

    private static String docker(String text, String stream) {
        return "{\"log\":\"" + text + "\",\"stream\":\"" + stream + "\",\"time\":\"2026-11-28T09:12:41.1Z\"}";
    }

    /** A container whose output goes to syslog under the operator's tag is read where that is said, and only there. */
    @Test
    void aTagOfOnesOwnIsConfigured() {
        String line = "Nov 28 10:12:42 docker-3 outbound[77]: Nov 28 10:12:41 mail " + CLIENT;
        String other = line.replace("outbound", "webapp");

        assertThat(kinds(Envelopes.auto(), line)).containsExactly("not_postfix");
        assertThat(kinds(Envelopes.of("syslog:outbound"), line, other))
                .containsExactly("client 4B35D0A1 ann@example.com 198.51.100.7 2026-11-28T10:12:41Z", "unparsed");
        assertThat(kinds(Envelopes.of("syslog"), line.replace(" outbound[77]:", "")))
                .containsExactly("client 4B35D0A1 ann@example.com 198.51.100.7 2026-11-28T10:12:41Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cri+", "dockerjson", "auto+cri", "compose+timestamp+cri+gelf", "none+cri", "syslog:"})
    void aWrongSettingIsRefused(String setting) {
        assertThatThrownBy(() -> Envelopes.of(setting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give 'auto', 'none',");
    }

    private static List<String> kinds(Envelopes envelopes, String... lines) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, envelopes);
        List<String> kinds = new ArrayList<>();
        for (String line : lines) {
            MailEvent e = parse(parser, line);
            boolean postfix = e.getSyslogName() != null && e.getSyslogName().startsWith("postfix");
            kinds.add(
                    parser.piece()
                            ? "piece"
                            : !postfix
                                    ? e.getKind()
                                    : String.join(
                                            " ",
                                            e.getKind(),
                                            e.getQueueId(),
                                            e.getSaslUsername(),
                                            e.getClientIp(),
                                            e.getOccurredAt().toString()));
        }
        return kinds;
    }

    private static MailEvent parse(PostfixLogParser parser, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT));
    }
}
