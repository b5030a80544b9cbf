package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorpusTest {
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("event", "kind"),
            Map.entry("pid", "pid"),
            Map.entry("queue_id", "queueId"),
            Map.entry("program", "syslogName"),
            Map.entry("service", "service"),
            Map.entry("host", "loggedHost"),
            Map.entry("size", "size"),
            Map.entry("nrcpt", "nrcpt"),
            Map.entry("from", "from"),
            Map.entry("to", "to"),
            Map.entry("orig_to", "origTo"),
            Map.entry("relay", "relay"),
            Map.entry("conn_use", "connUse"),
            Map.entry("delay", "delay"),
            Map.entry("delays", "delays"),
            Map.entry("dsn", "dsn"),
            Map.entry("status", "status"),
            Map.entry("status_text", "reason"),
            Map.entry("client_ip", "clientIp"),
            Map.entry("client_name", "clientName"),
            Map.entry("message_id", "messageId"),
            Map.entry("resent_message_id", "messageId"),
            Map.entry("sasl_method", "saslMethod"),
            Map.entry("sasl_username", "saslUsername"),
            Map.entry("uid", "uid"),
            Map.entry("next_queue_id", "nextQueueId"),
            Map.entry("dsn_queue_id", "nextQueueId"));

    private static final Map<String, Function<MailEvent, Object>> OURS =
            Map.of("time", MailEvent::getOccurredAt, "host", MailEvent::getLoggedHost);

    private static final Map<String, String> KINDS = Map.of("greylisted", "not_postfix", "greylistPass", "not_postfix");
    private static final DateTimeFormatter RAW =
            DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    /** Whole lines of text, and classes of the source's own, that an event has no field for. */
    private static final Set<String> NOT_OURS = Set.of("action", "statistics", "postscreen");

    /** Every source, with what it expects and what our event says instead, if anything. */
    @ParameterizedTest
    @ValueSource(strings = {"datadog", "homoluctus", "promqueen", "logwatch-td", "msimerson-parser"})
    void everyExpectationHolds(String source) throws IOException {
        List<String> misses = new ArrayList<>();
        int checked = 0;
        int left = 0;
        for (String json :
                resource("/corpus/" + source + "/expected.jsonl").lines().toList()) {
            JsonNode row = new ObjectMapper().readTree(json);
            String line = row.get("line").asText();
            boolean bare = row.get("frame").asText().equals("message");
            MailEvent event = bare
                    ? Lines.message(row.get("expected").path("service").asText("smtp"), line)
                    : Lines.line(line, Instant.parse("2020-12-31T00:00:00Z"));
            for (Map.Entry<String, JsonNode> field : row.get("expected").properties()) {
                JsonNode want = field.getValue();
                if (NOT_OURS.contains(field.getKey()) || want.asText().equals("NOQUEUE") || isWholeText(field, event)) {
                    left++;
                    continue;
                }
                checked++;
                Object got = got(field.getKey(), event, want.asText(), bare);
                String word = KINDS.getOrDefault(want.asText(), want.asText()).replaceFirst("^(\\w{3})  ", "$1 ");
                boolean same = want.isNumber()
                        ? got instanceof Number n && n.doubleValue() == want.asDouble()
                        : word.equals(got);
                if (!same) {
                    misses.add(field.getKey() + " want " + want + " got " + got + " in " + line);
                }
            }
        }
        System.out.printf(
                "corpus %s: %d of %d fields, %d of the source's own kind left aside%n%s%n",
                source, checked - misses.size(), checked, left, String.join("\n", misses));
        assertThat(checked).isPositive();
        assertThat(misses).isEmpty();
    }

    /** {@code text} is a reply where there is one; else it is the line itself, which no event keeps. */
    private static boolean isWholeText(Map.Entry<String, JsonNode> field, MailEvent event) {
        return field.getKey().equals("text")
                && !(event.getKind().equals("other")
                        && event.getRelay() != null
                        && event.getReason() != null
                        && !field.getValue().asText().startsWith("lost connection with"));
    }

    /** What the event says in the words of the sources, where their form is not ours. */
    private static Object got(String name, MailEvent event, String want, boolean bare) {
        return switch (name) {
            case "timestamp_raw" -> RAW.format(event.getOccurredAt());
            case "timestamp" ->
                LocalDateTime.ofInstant(event.getOccurredAt(), ZoneOffset.UTC).toString();
            case "client" -> event.getClientName() + "[" + event.getClientIp() + "]";
            case "syslog_name" ->
                event.getSyslogName().substring(0, event.getSyslogName().lastIndexOf('/'));
            case "parse_result" ->
                event.getKind().equals("unparsed") || event.getKind().equals("not_postfix")
                        ? "unparsed"
                        : event.getKind();
            case "error" -> event.getReason();
            // A server that timed out: the source leaves these two words out.
            case "text" -> event.getReason().replaceFirst("^timed out ", "");
            case "host" -> bare ? event.getRelay() : event.getLoggedHost();
            case "status" -> status(event, want);
            case "service" -> event.getService();
            default -> event.get(FIELDS.get(name));
        };
    }

    /** For the source an alias that forwards is a status of its own, and the status of what expired goes to the end of line. */
    private static String status(MailEvent event, String wanted) {
        if (wanted.equals("forwarded") && event.getReason().startsWith("forwarded as ")) {
            return event.getStatus().equals("sent") ? wanted : event.getStatus();
        }
        return event.getKind().equals("expired") ? event.getStatus() + ", " + event.getReason() : event.getStatus();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inqueue", "youyo", "homoluctus", "promqueen", "datadog"})
    void wholeLinesAreAllParsed(String source) throws IOException {
        List<MailEvent> events = resource("/corpus/" + source + "/lines.log")
                .lines()
                .filter(line -> !line.isBlank())
                .map(Lines::line)
                .toList();
        assertThat(events).isNotEmpty();
        assertThat(events).noneMatch(event -> event.getKind().equals("unparsed"));
    }

    /** Our own run of 3.11.7: each field that its line asserts, and no line of Postfix's whose shape is not known. */
    @Test
    void everyFieldOfPostfix311IsRight() throws IOException {
        List<String> lines =
                resource("/corpus/postfix-3.11.7/lines.log").lines().toList();
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(2026));
        List<String> misses = new ArrayList<>();
        int checked = 0;
        for (String json :
                resource("/corpus/postfix-3.11.7/expected.jsonl").lines().toList()) {
            JsonNode row = new ObjectMapper().readTree(json);
            String line = lines.get(row.get("line").asInt() - 1);
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            MailEvent event = parser.parse(bytes, 0, bytes.length, Lines.origin(Instant.parse("2026-11-29T07:00:00Z")));
            for (Map.Entry<String, JsonNode> field : row.properties()) {
                if (field.getKey().equals("line")) {
                    continue;
                }
                checked++;
                Object got = OURS.containsKey(field.getKey())
                        ? OURS.get(field.getKey()).apply(event)
                        : event.get(field.getKey());
                if (!field.getValue().asText().equals(String.valueOf(got))
                        && !(got instanceof Number n
                                && n.doubleValue() == field.getValue().asDouble())) {
                    misses.add(field + " but " + got + " in " + line);
                }
            }
            if (event.getKind().equals("unparsed")) {
                misses.add("unparsed: " + line);
            }
        }
        assertThat(checked).isEqualTo(5_954);
        assertThat(misses).isEmpty();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = CorpusTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
