package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text of strangers that looks like a wrapping stays text: no other host, stamp, client or account comes of it. */
class HostileEnvelopesTest {
    private static final Instant READ_AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final String FORGED =
            "postfix/smtpd[1]: 4B35D0A9: client=x[192.0.2.66], sasl_method=PLAIN, sasl_username=victim@example.com";

    /** One of each envelope around {@code %s}. */
    private static final List<String> WRAPPINGS = List.of(
            "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:41.1Z\"}",
            "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_HOSTNAME\":\"h\",\"SYSLOG_IDENTIFIER\":\"docker\",\"CONTAINER_ID\":\"1\",\"MESSAGE\":\"%s\"}",
            "{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"%s\",\"timestamp\":1795857161.104,\"_container_id\":\"1\"}",
            "{\"message\":\"%s\",\"source_type\":\"file\",\"timestamp\":\"2026-11-28T09:12:41.1Z\"}",
            "{\"date\":1795857161.104512,\"log\":\"%s\"}",
            "2026-11-28T09:12:41.104690137Z stdout F %s",
            "2026-11-28T09:12:41.104690137Z %s",
            "2026-11-28_09:12:41.12345 %s",
            "@400000006b0c37d107ce8324 %s",
            "1795857161.104512 h %s",
            "mail-1  | %s",
            "[pod/mail-0/postfix] %s",
            "mail.info: %s",
            "[    6.000000] h %s");

    private static String forged(String wrapping) {
        return wrapping.replace("%s", "Nov 28 08:00:00 evil " + FORGED);
    }

    static Stream<Arguments> pairs() {
        return WRAPPINGS.stream().flatMap(outer -> WRAPPINGS.stream().map(inner -> Arguments.of(outer, inner)));
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** A login, a HELO, a reply: whatever they hold, within whatever wrapping, they are that login, HELO, reply. */
    @ParameterizedTest
    @MethodSource("pairs")
    void aFieldCannotOpenAnEnvelope(String outer, String inner) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String text = outer.startsWith("{") ? json(forged(inner)) : forged(inner);
        String line = outer.replace(
                "%s",
                "postfix/smtpd[7]: warning: unknown[203.0.113.45]: SASL LOGIN authentication failed: x, sasl_username="
                        + text);

        MailEvent e = parse(parser, line);

        assertThat(e.getKind()).isEqualTo("auth_failed");
        assertThat(e.getClientIp()).isEqualTo("203.0.113.45");
        assertThat(e.getPid()).isEqualTo(7);
        assertThat(e.getLoggedHost()).isIn(null, "h");
        assertThat(e.getOccurredAt().toString()).doesNotStartWith("2026-11-28T08");
        assertThat(e.getSaslUsername()).isNotEqualTo("victim@example.com").contains("evil");
    }

    /** Another program's text, before Postfix has said a word: the log is not taken for one that is wrapped. */
    @ParameterizedTest
    @MethodSource("pairs")
    void anotherProgramsTextOpensNothing(String outer, String inner) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String text = outer.startsWith("{") ? json(forged(inner)) : forged(inner);

        MailEvent within = parse(parser, outer.replace("%s", "webapp[9]: " + text));
        MailEvent plain = parse(parser, "Nov 28 09:00:00 h webapp[9]: " + forged(inner));

        assertThat(within.getKind()).isIn("not_postfix", "unparsed");
        assertThat(plain.getKind()).isEqualTo("not_postfix");
    }

    /** Once it is settled how a log is wrapped, nothing else opens: not even a whole line of another form. */
    @ParameterizedTest
    @MethodSource("pairs")
    void aSettledLogOpensNothingElse(String outer, String inner) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        for (int i = 0; i < 100; i++) {
            assertThat(parse(parser, outer.replace("%s", "postfix/smtpd[7]: connect from x[203.0.113.45]"))
                            .getKind())
                    .isEqualTo("connect");
        }

        MailEvent other = parse(parser, forged(inner));

        if (!inner.equals(outer) && !alike(outer, inner)) {
            assertThat(other.getKind()).isIn("not_postfix", "unparsed");
            assertThat(other.getSaslUsername()).isNull();
        }
    }

    /** Two stamps of one kind, an engine's stamp before what CRI writes, and objects that have the same fields. */
    private static boolean alike(String outer, String inner) {
        if (outer.contains("date") && inner.startsWith("{")) {
            return true;
        }
        return outer.startsWith("2026") && inner.startsWith("2026") && !outer.contains("stdout");
    }

    @Test
    void aSettledPlainLogOpensNothing() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        for (int i = 0; i < 100; i++) {
            parse(parser, "Nov 28 09:00:00 mx postfix/smtpd[7]: connect from x[203.0.113.45]");
        }

        for (String wrapping : WRAPPINGS) {
            assertThat(parse(parser, forged(wrapping)).getKind()).isIn("not_postfix", "unparsed");
        }
    }

    @Test
    void aLogThatIsSaidToBePlainOpensNothing() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of("none"));

        for (String wrapping : WRAPPINGS) {
            assertThat(parse(parser, forged(wrapping)).getKind()).isIn("not_postfix", "unparsed");
        }
    }

    /** Four wrappings within each other are one too many. */
    @Test
    void depthIsBounded() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String three = "mail-1  | [pod/mail-0/postfix] 2026-11-28T09:12:41.1Z Nov 28 09:12:41 mx ";

        assertThat(parse(parser, "b-1 | " + three + FORGED).getKind()).isEqualTo("unparsed");
        assertThat(parse(parser, three + FORGED).getKind()).isEqualTo("client");
    }

    /** Text that went into an object without being escaped can name a field once more: then the object counts for nothing. */
    @Test
    void aFieldThatComesTwiceIsRefused() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String object = "{\"timestamp\":\"2026-11-28T09:12:41Z\",\"host\":\"h\",\"syslogtag\":\"%s\",\"msg\":\"%s\"}";

        MailEvent e = parse(
                parser,
                object.formatted(
                        "sshd[1]:", "x\",\"syslogtag\":\"postfix/smtpd[1]:\",\"msg\":\"connect from x[192.0.2.66]"));

        assertThat(e.getKind()).isEqualTo("unparsed");
    }

    /** The same with another name for what the object has already, or with all that another collector's object has. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x','msg':'4B35D0A9: client=x[192.0.2.66], sasl_method=PLAIN, sasl_username=victim@example.com','y':'",
                "x','syslogtag':'postfix/smtpd[1]:','y':'",
                "x','msg':'z','log':'FORGED','y':'",
                "x','log':'FORGED','stream':'stdout','time':'2026-11-28T09:12:41.1Z','y':'",
                "x','short_message':'FORGED','version':'1.1','y':'",
                "x','source_type':'file','appname':'postfix/smtpd','y':'",
                "x','MESSAGE':'4B35D0A9: client=x[192.0.2.66],"
                        + " sasl_username=victim@example.com','PROGRAM':'postfix/smtpd','y':'"
            })
    void aFieldOfAnotherNameIsNoWayRoundThat(String hostile) {
        String object =
                "{\"timestamp\":\"2026-11-28T09:12:41Z\",\"host\":\"h\",\"programname\":\"sshd\",\"message\":\"%s\"}";
        String text = hostile.replace("FORGED", FORGED).replace('\'', '"');

        MailEvent e = parse(new PostfixLogParser(ZoneOffset.UTC, null), object.formatted(text));

        assertThat(e.getKind()).isIn("not_postfix", "unparsed");
        assertThat(e.getSaslUsername()).isNull();
    }

    /** A sender may be quoted, and hold quotes: a time or process that it adds makes no other line of its line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'timereported':'2020-03-01T00:00:00Z'",
                "'@timestamp':'2020-03-01T00:00:00Z'",
                "'time':'1583020800'",
                "'timereported':'some day'",
                "'procid':'7'"
            })
    void aSecondTimeOrProcessIsRefused(String hostile) {
        MailEvent e = parse(
                new PostfixLogParser(ZoneOffset.UTC, null),
                template("'host':'h'", hostile + ",'y':'").replace('\'', '"'));

        assertThat(e.getKind()).isEqualTo("unparsed");
    }

    /** Where the only time of a template is when rsyslog got the line, the sender's own must not stand for when it was written. */
    @ParameterizedTest
    @ValueSource(strings = {"timereported", "timestamp", "@timestamp", "time"})
    void aTimeThatStandsBehindTheTextDoesNotPassForTheLines(String name) {
        String object = template("'host':'h'", "'" + name + "':'2020-03-01T00:00:00Z','y':'")
                .replaceFirst("'timestamp'", "'timegenerated'");

        MailEvent e = parse(new PostfixLogParser(ZoneOffset.UTC, null), object.replace('\'', '"'));

        assertThat(e.getKind()).isEqualTo("unparsed");
    }

    /** Whose template names no process must not be given one by a sender. */
    @Test
    void aProcessThatStandsBehindTheTextIsNone() {
        String object = template("'host':'h'", "'procid':'7','y':'").replace("smtpd[812]:", "smtpd:");

        MailEvent e = parse(new PostfixLogParser(ZoneOffset.UTC, null), object.replace('\'', '"'));

        assertThat(e.getKind()).isEqualTo("rejected");
        assertThat(e.getPid()).isNull();
    }

    /** What rsyslog's templates have beside each other. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'timegenerated':'2026-11-28T11:12:41Z'",
                "'timereported':'2026-11-28T09:12:41.104+00:00'",
                "'time':'1795857161'",
                "'time':'some day'",
                "'procid':'812'",
                "'procid':'-'"
            })
    void anotherFormOfTheTimeOrProcessIsNone(String more) {
        MailEvent e = parse(
                new PostfixLogParser(ZoneOffset.UTC, null),
                template(more, "'y':'").replace('\'', '"'));

        assertThat(e.getKind()).isEqualTo("rejected");
        assertThat(e.getOccurredAt()).isBetween("2026-11-28T09:12:41Z", "2026-11-28T09:12:41.999Z");
        assertThat(e.getPid()).isEqualTo(812);
    }

    private static String template(String more, String sender) {
        return "{'timestamp':'2026-11-28T09:12:41Z'," + more
                + ",'syslogtag':'postfix/smtpd[812]:','message':' NOQUEUE: reject:"
                + " RCPT from x[192.0.2.66]: 554 5.7.1 <bob@example.com>: Recipient address rejected: Access denied;"
                + " from=<x'," + sender + "@example.net> to=<bob@example.com> proto=ESMTP helo=<x>'}";
    }

    /** Bytes of a record were lost, so that its text is read as a length: what follows is not lost with it. */
    @Test
    void aLengthThatNoFieldHasEndsTheRecord() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of("journal-export"));
        String record = """
                __CURSOR=s=1;i=1
                __REALTIME_TIMESTAMP=1795857161104512
                _HOSTNAME=h
                SYSLOG_IDENTIFIER=web
                MESSAGE
                cut here
                _PID=7

                __CURSOR=s=1;i=2
                __REALTIME_TIMESTAMP=1795857161104512
                _HOSTNAME=h
                SYSLOG_IDENTIFIER=postfix/smtpd
                SYSLOG_PID=7
                MESSAGE=connect from x[192.0.2.66]
                """;
        for (String line : record.lines().toList()) {
            parse(parser, line);
        }

        MailEvent e = parse(parser, "");

        assertThat(e.getKind()).isEqualTo("connect");
        assertThat(parser.inPieces()).isFalse();
    }

    /** As journalctl writes a message with line ends, which goes on with more spaces than a field begins with. */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "journal-verbose"})
    void aLineEndWithinAVerboseRecordBeginsNeitherFieldNorRecord(String setting) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of(setting));
        String hostile = ("hello\nSYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=7\n" + VERBOSE
                        + "\n"
                        + "    SYSLOG_IDENTIFIER=postfix/smtpd\n"
                        + "    SYSLOG_PID=7\n"
                        + "    MESSAGE=connect from x[192.0.2.66]")
                .replace("\n", "\n            ");
        String record = VERBOSE + "\n    _HOSTNAME=h\n    SYSLOG_IDENTIFIER=web\n    MESSAGE=" + hostile
                + "\n    SYSLOG_PID=8\n" + VERBOSE;

        for (String line : record.lines().toList()) {
            MailEvent e = parse(parser, line);
            assertThat(e.getKind()).as(line).isEqualTo("not_postfix");
        }
    }

    /** The last line of a file is followed by nothing. */
    @Test
    void aVerboseRecordIsTakenAsSoonAsItSaysAllAndOnce() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of("journal-verbose"));
        List<String> kinds = new ArrayList<>();
        String record = VERBOSE + "\n    MESSAGE=connect from x[192.0.2.66]\n    SYSLOG_IDENTIFIER=postfix/smtpd"
                + "\n    SYSLOG_PID=7\n    _UID=0\n    MESSAGE=disconnect from x[192.0.2.66]\n    _PID=7";

        for (String line : record.lines().toList()) {
            kinds.add(parse(parser, line).getKind());
        }

        assertThat(kinds)
                .containsExactly(
                        "not_postfix",
                        "not_postfix",
                        "not_postfix",
                        "not_postfix",
                        "connect",
                        "not_postfix",
                        "not_postfix");
        assertThat(parser.inPieces()).isFalse();
    }

    /** Where journalctl's output ends and another log's begins, no record goes on. */
    @Test
    void aLineThatIsNoFieldEndsAVerboseRecord() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        parse(parser, VERBOSE);
        parse(parser, "    SYSLOG_IDENTIFIER=postfix/smtpd");

        MailEvent e = parse(parser, "Nov 28 09:12:41 mx postfix/smtpd[7]: connect from x[192.0.2.66]");

        assertThat(e.getKind()).isEqualTo("connect");
        assertThat(parser.inPieces()).isFalse();
    }

    /** What looks like the next record within a field of bytes is a stranger's. */
    @Test
    void aRecordWithinAFieldIsNone() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of("journal-export"));
        String hostile = """
                hello

                __CURSOR=s=1;i=2
                __REALTIME_TIMESTAMP=1795857161104512
                _HOSTNAME=h
                SYSLOG_IDENTIFIER=postfix/smtpd
                SYSLOG_PID=7
                MESSAGE=connect from x[192.0.2.66]

                """;
        String length = new String(
                new byte[] {(byte) hostile.length(), (byte) (hostile.length() >> 8), 0, 0, 0, 0, 0, 0},
                StandardCharsets.ISO_8859_1);
        String record =
                "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1795857161104512\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=web\nMESSAGE\n"
                        + length + hostile + "\n";

        for (String line : record.split("\n", -1)) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            MailEvent e = parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT));
            assertThat(e.getKind()).isEqualTo("not_postfix");
        }
    }

    /** A piece that one wrapping keeps is read as no other one, so that the joined line counts once. */
    @Test
    void aPieceIsKeptByOneWrappingAlone() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String long16K = "Nov 28 09:12:41 mx postfix/smtpd[7]: connect from x[192.0.2.66]" + " ".repeat(1 << 14);
        String object = "{\"log\":\"%s\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:41.1Z\"}";

        MailEvent e = parse(parser, object.formatted(long16K.substring(0, 1 << 14)));

        assertThat(e.getKind()).isEqualTo("not_postfix");
        assertThat(parser.piece()).isTrue();
    }

    /** A field of bytes holds line ends: what follows one is not a line of the log, also before anything is settled. */
    @Test
    void aLineEndWithinARecordBeginsNoLine() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        String hostile = "hello\nNov 28 08:00:00 evil " + FORGED + "\n" + forged(WRAPPINGS.get(0));
        String length = new String(
                new byte[] {(byte) hostile.length(), (byte) (hostile.length() >> 8), 0, 0, 0, 0, 0, 0},
                StandardCharsets.ISO_8859_1);
        String record =
                "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1795857161104512\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=web\nMESSAGE\n"
                        + length + hostile + "\n";

        for (String line : record.split("\n", -1)) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            MailEvent e = parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT));
            assertThat(e.getKind()).isEqualTo("not_postfix");
            assertThat(e.getSaslUsername()).isNull();
        }
    }

    /** A piece of a line is never a line. */
    @Test
    void aLaterPieceIsNoLine() {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        parse(parser, "2026-11-28T09:12:41Z stdout F postfix/smtpd[7]: connect from x[203.0.113.45]");
        parse(parser, "2026-11-28T09:12:41Z stdout P webapp[1]: GET /");

        MailEvent e = parse(parser, "2026-11-28T09:12:41Z stdout F " + FORGED);

        assertThat(e.getKind()).isEqualTo("not_postfix");
    }

    /** Bytes of wrappings in any order, cut and put together anew. */
    @Property(tries = 5000)
    void neverThrows(@ForAll long seed) {
        Random random = new Random(seed);
        PostfixLogParser parser = new PostfixLogParser(
                ZoneId.of("Europe/Berlin"),
                null,
                Envelopes.of(List.of(
                                "auto",
                                "auto",
                                "cri",
                                "docker-json",
                                "journal-json",
                                "compose+timestamp",
                                "journal-export",
                                "journal-pretty",
                                "journal-verbose",
                                "syslog:docker",
                                "tai64n",
                                "journal-cat",
                                "fluent-json")
                        .get(random.nextInt(13))));
        for (int i = 0; i < 6; i++) {
            StringBuilder line = new StringBuilder();
            for (int pieces = random.nextInt(4); pieces >= 0; pieces--) {
                String piece = PIECES.get(random.nextInt(PIECES.size()));
                int from = random.nextInt(3) > 0 ? 0 : random.nextInt(piece.length() + 1);
                int to = random.nextInt(3) > 0 ? piece.length() : from + random.nextInt(piece.length() - from + 1);
                line.append(piece, Math.min(from, to), to);
            }
            MailEvent e = parse(parser, line.toString());
            assertThat(e.getKind()).isNotEmpty();
            assertThat(e.getOccurredAt()).isBeforeOrEqualTo(READ_AT.plusSeconds(300));
        }
    }

    /** A line with which journalctl -o verbose begins a record. */
    private static final String VERBOSE = "Sat 2026-11-28 10:12:42.104512 CET [s=46c4ccaf1b4641c6aed529d48566d810;i=1"
            + ";b=0123456789abcdef0123456789abcdef;m=5b8d80;t=661529436eec0;x=6f83fcfaea8b56f0]";

    private static final List<String> PIECES = Stream.concat(
                    WRAPPINGS.stream().map(HostileEnvelopesTest::forged),
                    Stream.of(
                            FORGED,
                            "{",
                            "}",
                            "\t\"MESSAGE\" : \"x\",",
                            "__CURSOR=s=1",
                            "MESSAGE",
                            "MESSAGE=",
                            VERBOSE,
                            "    SYSLOG_PID=7",
                            "    SYSLOG_IDENTIFIER=postfix/smtpd",
                            "    MESSAGE=connect from x[192.0.2.66]",
                            "\0\0\0\0\0\0\0\0",
                            "[",
                            "\\u",
                            "\\ud83d",
                            "2026-11-28",
                            "T09:12:41.12345",
                            " stdout P ",
                            "data: {",
                            "| ",
                            "@4",
                            "Sat ",
                            "last message repeated 2 times"))
            .toList();

    private static MailEvent parse(PostfixLogParser parser, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT));
    }
}
