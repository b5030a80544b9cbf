package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One request for each state of an incident. */
class WebhookTest {

    @TempDir
    private Path dir;

    private final Topic topic = new Topic();
    private Receiver receiver;
    private TaskDriver sink;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        sink = new TaskDriver(settings(Map.of()));
    }

    @AfterEach
    void stop() {
        sink.close();
        receiver.close();
    }

    @Test
    void theBodyIsAnEventOfPagerDuty() throws Exception {
        sink.starts();

        sink.appended(topic.firing("ann@example.org"));
        sink.until("it was told", () -> receiver.taken().size() == 1);
        sink.appended(topic.resolved("ann@example.org", Topic.NOW));
        sink.until("the end was told", () -> receiver.taken().size() == 2);

        JsonNode trigger = receiver.posts.get(0).json();
        JsonNode resolve = receiver.posts.get(1).json();
        assertThat(trigger.path("event_action").asText()).isEqualTo("trigger");
        assertThat(trigger.path("routing_key").asText()).isEqualTo("R0UTE");
        assertThat(trigger.path("dedup_key").asText()).isEqualTo(Topic.id("ann@example.org"));
        assertThat(trigger.at("/payload/summary").asText()).startsWith("Account ann@example.org");
        assertThat(trigger.at("/payload/source").asText()).isEqualTo("ann@example.org");
        assertThat(trigger.at("/payload/severity").asText()).isEqualTo("critical");
        assertThat(trigger.at("/payload/custom_details/evidence/0").asText()).contains("\"fixed\" ceiling 50");
        assertThat(resolve.path("event_action").asText()).isEqualTo("resolve");
        assertThat(resolve.path("dedup_key")).isEqualTo(trigger.path("dedup_key"));
    }

    @Test
    void textOfLogLinesStaysText() throws Exception {
        sink.starts();
        String hostile = "a\",\"event_action\":\"resolve\u001b[2J\u202e{{secret}}\\";

        sink.appended(topic.record(
                "eve",
                Topic.alert("eve", "FIRING", 1)
                        .setTitle(hostile)
                        .setSubject(hostile)
                        .build()));
        sink.until("it was told", () -> !receiver.taken().isEmpty());

        JsonNode event = receiver.posts.get(0).json();
        assertThat(event.path("event_action").asText()).isEqualTo("trigger");
        assertThat(event.at("/payload/source").asText()).isEqualTo("a\",\"event_action\":\"resolve?[2J?{{secret}}\\");
    }

    @Test
    void nobodyHearsTwiceOfWhatWasToldBeforeARestart() throws Exception {
        sink.appended(topic.firing("ann"), topic.updated("ann", 2));
        sink.starts();
        sink.until("it was told", () -> receiver.taken().size() == 1);
        sink.until("it is committed", () -> sink.commits() == 2);
        sink.stops();

        sink.starts();
        sink.goesOnFor(800);

        assertThat(receiver.taken()).hasSize(1);
    }

    @Test
    void whatWasOverBeforeTheReceiverCameBackIsOpenedAndEnded() throws Exception {
        receiver.answer = body -> 503;
        sink.starts();
        sink.appended(topic.firing("ann"), topic.resolved("ann", Topic.NOW));
        sink.until("it was tried", () -> !receiver.posts.isEmpty());

        receiver.answer = body -> 202;

        sink.until("both were told", () -> receiver.taken().size() == 2);
        assertThat(receiver.taken())
                .extracting(p -> p.json().path("event_action").asText())
                .containsExactly("trigger", "resolve");
        sink.until("it is committed", () -> sink.commits() == 2);
    }

    @Test
    void aTemplateOfOnesOwnIsWrittenWithItsValuesEscaped() throws Exception {
        sink.close();
        Path template = dir.resolve("chat.mustache");
        Files.writeString(
                template, "{\"text\": \"{{^resolved}}OPEN{{/resolved}}{{#resolved}}OVER{{/resolved}} {{title}}\"}");
        sink = new TaskDriver(settings(Map.of(
                "webhook.url",
                receiver.url() + "/alerts{{#resolved}}/{{subject}}/close{{/resolved}}",
                "webhook.template.file",
                template.toString(),
                "http.bearer.token",
                "s3cret")));
        sink.starts();

        sink.appended(topic.firing("a/b c"));
        sink.until("it was told", () -> receiver.taken().size() == 1);
        sink.appended(topic.resolved("a/b c", Topic.NOW));
        sink.until("the end was told", () -> receiver.taken().size() == 2);

        assertThat(receiver.posts)
                .extracting(Receiver.Post::path)
                .containsExactly("/alerts", "/alerts/a%2Fb%20c/close");
        assertThat(receiver.posts).extracting(Receiver.Post::authorization).containsOnly("Bearer s3cret");
        assertThat(receiver.posts.get(0).json().path("text").asText())
                .isEqualTo("OPEN Account a/b c: velocity-ceiling");
    }

    @Test
    void withAConsoleAnEventLinksToItsPages() throws Exception {
        sink.close();
        sink = new TaskDriver(settings(Map.of("alerts.console.url", "https://console.example.net/pb")));
        sink.starts();

        sink.appended(topic.firing("a&b@my-domain.net"));
        sink.until("it was told", () -> receiver.taken().size() == 1);

        var links = receiver.taken().get(0).json().path("links");
        assertThat(links.get(0).path("href").asText())
                .isEqualTo("https://console.example.net/pb/#/subject/sasl_user%3Aa%26b%40my-domain.net");
        assertThat(links.get(1).path("href").asText())
                .isEqualTo("https://console.example.net/pb/runbooks/stolen-account");
    }

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> result =
                new HashMap<>(Map.of("webhook.url", receiver.url() + "/v2/enqueue", "webhook.secret", "R0UTE"));
        result.putAll(more);
        return result;
    }
}
