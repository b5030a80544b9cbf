package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What real tools wrote, one log a file under {@code envelopes/}; what Postfix said in it stands in {@code expected.txt}. */
class EnvelopeSamplesTest {
    private static final Instant READ_AT = Instant.parse("2026-12-01T00:00:00Z");

    @ParameterizedTest(name = "{0}")
    @MethodSource("logs")
    void whatPostfixSaidIsRead(String log, String zone, String envelopes, List<String> expected) throws IOException {
        byte[] bytes = resource(log + ".log");

        List<String> said = said(bytes, new PostfixLogParser(ZoneId.of(zone), null, Envelopes.of(envelopes)));

        assertThat(said).isEqualTo(expected);
    }

    /** The setting's names and what is found without it are the same. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("logs")
    void aChainThatIsConfiguredReadsTheSame(String log, String zone, String found, List<String> expected)
            throws IOException {
        String chain = chain(log);
        byte[] bytes = resource(log + ".log");

        List<String> said = said(bytes, new PostfixLogParser(ZoneId.of(zone), null, Envelopes.of(chain)));

        assertThat(said).isEqualTo(expected);
    }

    private static String chain(String log) {
        return switch (log) {
            case "journal-short-monotonic", "journal-short-delta" -> "journal-monotonic";
            case "journal-short-unix" -> "epoch";
            case "journal-export" -> "journal-export";
            case "journal-verbose" -> "journal-verbose";
            case "journal-json-pretty" -> "journal-pretty";
            case "journal-json", "journal-json-sse", "journal-json-seq" -> "journal-json";
            case "journal-cat" -> "journal-cat";
            case "rsyslog-json", "rsyslog-jsonmesg", "rsyslog-json-string" -> "rsyslog-json";
            case "syslog-ng-rfc5424", "syslog-ng-nv-pairs", "syslog-ng-lower" -> "syslog-ng-json";
            case "docker-json-file" -> "docker-json";
            case "cri-conmon", "podman-k8s-file" -> "cri";
            case "podman-logs-names" -> "podman-names";
            case "podman-logs-t-names" -> "podman-names+timestamp";
            case "podman-journal-json" -> "journal-json";
            case "podman-journal-export" -> "journal-export";
            case "gelf-syslog-ng", "docker-gelf" -> "gelf";
            case "multilog", "svlogd-t" -> "tai64n";
            case "s6-log-t" -> "s6-tai64n";
            case "docker-logs-t", "podman-logs-t", "svlogd-tt", "svlogd-ttt", "s6-log-iso" -> "timestamp";
            case "socklog-unix", "socklog-inet" -> "socklog";
            default -> "none";
        };
    }

    static List<String> said(byte[] log, PostfixLogParser parser) {
        List<String> said = new ArrayList<>();
        int from = 0;
        for (int to = LineEnd.find(log, 0, log.length); to >= 0; to = LineEnd.find(log, from, log.length)) {
            MailEvent e = parser.parse(log, from, to - from, Lines.origin(READ_AT));
            boolean foreign = e.getKind().equals("not_postfix") || e.getKind().equals("unparsed");
            if (!foreign) {
                said.add(row(e, parser.stamped()));
            }
            from = to + 1;
        }
        return said;
    }

    private static String row(MailEvent e, boolean stamped) {
        return Stream.of(
                        stamped ? e.getOccurredAt() : "-",
                        e.getLoggedHost(),
                        e.getSyslogName(),
                        e.getService(),
                        e.getPid(),
                        e.getKind(),
                        e.getClientIp(),
                        e.getSaslUsername(),
                        e.getQueueId(),
                        e.getTo())
                .map(value -> value == null ? "-" : value.toString())
                .collect(Collectors.joining(" "));
    }

    static Stream<Arguments> logs() throws IOException {
        List<Arguments> logs = new ArrayList<>();
        List<String> rows = null;
        for (String line : new String(resource("expected.txt"), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            if (line.startsWith("== ")) {
                String[] words = line.split(" ", -1);
                rows = new ArrayList<>();
                logs.add(Arguments.of(words[1], words[2], words[3], rows));
            } else if (rows != null && !line.isBlank()) {
                rows.add(line);
            }
        }
        return logs.stream();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = EnvelopeSamplesTest.class.getResourceAsStream("/envelopes/" + name)) {
            byte[] bytes = in.readAllBytes();
            int first = LineEnd.find(bytes, 0, bytes.length) + 1;
            return Arrays.copyOfRange(bytes, name.endsWith(".log") ? first : 0, bytes.length);
        }
    }
}
