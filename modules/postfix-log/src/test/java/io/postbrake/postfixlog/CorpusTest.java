package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static final Map<String, String> KINDS = Map.of("greylisted", "not_postfix", "greylistPass", "not_postfix");

    /**
     * Two expectations of msimerson-parser are its own words for what Postfix logs otherwise, and are compared as such:
     * {@code forwarded} stands for {@code status=sent (forwarded as Q)}; and its status of an expired message is ours with the
     * reason behind it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"datadog", "homoluctus", "promqueen", "logwatch-td", "msimerson-parser"})
    void everyExpectationHolds(String source) throws IOException {
        List<String> misses = new ArrayList<>();
        int checked = 0;
        for (String json :
                resource("/corpus/" + source + "/expected.jsonl").lines().toList()) {
            JsonNode row = new ObjectMapper().readTree(json);
            JsonNode expected = row.get("expected");
            String line = row.get("line").asText();
            boolean bare = row.get("frame").asText().equals("message");
            String service = expected.path("service").asText("smtp");
            MailEvent event = bare ? Lines.message(service, line) : Lines.line(line);
            for (Map.Entry<String, JsonNode> field : expected.properties()) {
                String name = FIELDS.get(field.getKey());
                if (name == null
                        || field.getValue().asText().equals("NOQUEUE")
                        || (bare && name.equals("relay") && !line.contains("relay="))) {
                    continue;
                }
                if (bare && field.getKey().equals("host")) {
                    continue;
                }
                checked++;
                Object got =
                        name.equals("status") ? status(event, field.getValue().asText()) : event.get(name);
                JsonNode want = field.getValue();
                String word = KINDS.getOrDefault(want.asText(), want.asText());
                boolean same = want.isNumber()
                        ? got instanceof Number n && n.doubleValue() == want.asDouble()
                        : word.equals(got);
                if (!same) {
                    misses.add(name + " want " + want + " got " + got + " in " + line);
                }
            }
        }
        System.out.printf(
                "corpus %s: %d of %d fields%n%s%n",
                source, checked - misses.size(), checked, String.join("\n", misses));
        assertThat(checked).isPositive();
        assertThat(misses).isEmpty();
    }

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

    private static String resource(String name) throws IOException {
        try (InputStream in = CorpusTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
