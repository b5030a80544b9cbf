package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wrapping that a setting can name stands in the table of docs/parse.md, and is read when it is named. */
class EnvelopeTableTest {

    private static final Instant READ_AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final String TEXT =
            "4B35D0A1: client=unknown[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@example.com";
    private static final String LINE = "postfix/submission/smtpd[812]: " + TEXT;
    private static final String RECORD = "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1795857161104512\n_UID=0\n"
            + "SYSLOG_IDENTIFIER=postfix/submission/smtpd\nSYSLOG_PID=812\nMESSAGE=" + TEXT + "\n";

    /** The same line in each of them. */
    private static final Map<String, String> WRAPPED = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "docker-json",
                    "{\"log\":\"" + LINE + "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:41.1Z\"}"),
            Map.entry("timestamp", "2026-11-28T09:12:41.018306084Z " + LINE),
            Map.entry("tai64n", "@400000006b0c37d107ce8324 " + LINE),
            Map.entry("s6-tai64n", "@400000006b0c37d107ce8324 " + LINE),
            Map.entry("socklog", "192.0.2.1: mail.info: " + LINE),
            Map.entry("compose", "mail-1  | " + LINE),
            Map.entry("podman-names", "mail-1 2026-11-28T09:12:41.018306084Z mail " + LINE),
            Map.entry("cri", "2026-11-28T09:12:41.1Z stdout F " + LINE),
            Map.entry("kubectl-prefix", "[pod/mail-0/postfix] " + LINE),
            Map.entry(
                    "journal-json",
                    "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"SYSLOG_IDENTIFIER\":\"postfix/submission/smtpd\","
                            + "\"SYSLOG_PID\":\"812\",\"MESSAGE\":\"" + TEXT + "\"}"),
            Map.entry(
                    "journal-pretty",
                    "{\n\t\"__REALTIME_TIMESTAMP\" : \"1795857161104512\",\n\t\"SYSLOG_IDENTIFIER\" : \"postfix/smtpd\",\n"
                            + "\t\"MESSAGE\" : \"" + TEXT + "\"\n}"),
            Map.entry("journal-export", RECORD),
            Map.entry(
                    "journal-verbose",
                    "Sat 2026-11-28 09:12:41.104512 UTC [s=1;i=1;b=1;m=1;t=661529436eec0;x=1]\n    _UID=0\n    SYSLOG_PID=812\n"
                            + "    SYSLOG_IDENTIFIER=postfix/submission/smtpd\n    MESSAGE=" + TEXT),
            Map.entry("epoch", "1795857161.104512 mx " + LINE),
            Map.entry("journal-monotonic", "[    6.000000] mx " + LINE),
            Map.entry("journal-cat", TEXT),
            Map.entry(
                    "rsyslog-json",
                    "{\"timereported\":\"2026-11-28T09:12:41Z\",\"syslogtag\":\"postfix/submission/smtpd[812]:\",\"msg\":\" "
                            + TEXT + "\"}"),
            Map.entry(
                    "syslog-ng-json",
                    "{\"PROGRAM\":\"postfix/submission/smtpd\",\"PID\":\"812\",\"MESSAGE\":\"" + TEXT
                            + "\",\"HOST\":\"mx\"}"),
            Map.entry(
                    "vector-json",
                    "{\"message\":\"" + LINE + "\",\"source_type\":\"file\",\"timestamp\":\"2026-11-28T09:12:41Z\"}"),
            Map.entry("fluent-json", "{\"date\":1795857161.104512,\"log\":\"" + LINE + "\"}"),
            Map.entry(
                    "gelf",
                    "{\"version\":\"1.1\",\"host\":\"mx\",\"short_message\":\"" + LINE
                            + "\",\"timestamp\":1795857161}"),
            Map.entry("syslog:TAG", "Nov 28 09:12:41 node TAG[9]: " + LINE),
            Map.entry("syslog", "Nov 28 09:12:41 node " + LINE)));

    @Test
    void theTableHasThoseThatASettingTakesAndNoOthers() throws IOException {
        Set<String> rows = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| `([a-z0-9-]+(?::TAG)?)` \\| .* \\| .* \\| .* \\|$")
                .matcher(envelopes());
        while (row.find()) {
            rows.add(row.group(1));
        }
        String known = catchThrowable(() -> Envelopes.of("nonsense")).getMessage();
        Set<String> taken = new LinkedHashSet<>(
                Arrays.asList(known.substring(known.indexOf("some of ") + 8).split(", ")));

        assertThat(rows).containsExactlyInAnyOrderElementsOf(taken);
        assertThat(WRAPPED).containsOnlyKeys(rows);
    }

    static Stream<String> names() {
        return WRAPPED.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsNamedIsRead(String name) {
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of(name));

        List<MailEvent> read = Stream.of((WRAPPED.get(name) + "\n").split("\n", -1))
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .map(bytes -> parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT)))
                .filter(e -> e.getKind().equals("client"))
                .toList();

        assertThat(read).singleElement().satisfies(e -> {
            assertThat(e.getSaslUsername()).isEqualTo("ann@example.com");
            assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
        });
    }

    private static String envelopes() throws IOException {
        String page = Files.readString(Path.of("../../docs/parse.md"));
        return page.substring(page.indexOf("## Envelopes"));
    }
}
