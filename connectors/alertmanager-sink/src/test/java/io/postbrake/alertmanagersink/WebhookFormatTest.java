package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each service gets: the fields that it documents, within its bounds, and text of strangers as text. */
class WebhookFormatTest {

    private static final String HOSTILE =
            "eve <!channel> [x](http://evil.example) @all ``` <b>&\u202e\u001b\"," + "&".repeat(900);

    private final Topic topic = new Topic();
    private Receiver receiver;
    private TaskDriver sink;

    @BeforeEach
    void listen() throws IOException {
        receiver = new Receiver();
    }

    @AfterEach
    void stop() {
        sink.close();
        receiver.close();
    }

    @Test
    void slackGetsBlocks() throws Exception {
        List<JsonNode> posts = told("slack", HOSTILE);

        JsonNode opened = posts.get(0);
        assertThat(opened.path("text").asText()).startsWith("eve &lt;!channel&gt;");
        assertThat(opened.at("/blocks/0/type").asText()).isEqualTo("header");
        assertThat(opened.at("/blocks/0/text/text").asText())
                .isEqualTo("Postbrake: critical")
                .hasSizeLessThan(150);
        assertThat(opened.at("/blocks/1/type").asText()).isEqualTo("section");
        assertThat(opened.at("/blocks/1/text/type").asText()).as("no markup").isEqualTo("plain_text");
        assertThat(opened.at("/blocks/1/text/text").asText())
                .hasSizeBetween(1, 3000)
                .doesNotContain("<", ">");
        assertThat(opened.at("/blocks/2/text/text").asText()).startsWith("<https://console.example.net/#/");
        assertThat(posts.get(1).at("/blocks/0/text/text").asText()).isEqualTo("Postbrake: over");
    }

    @Test
    void teamsGetsAnAdaptiveCard() throws Exception {
        List<JsonNode> posts = told("teams", HOSTILE);

        JsonNode opened = posts.get(0);
        JsonNode card = opened.at("/attachments/0/content");
        assertThat(opened.path("type").asText()).isEqualTo("message");
        assertThat(opened.at("/attachments/0/contentType").asText())
                .isEqualTo("application/vnd.microsoft.card.adaptive");
        assertThat(opened.at("/attachments/0/contentUrl").isNull()).isTrue();
        assertThat(card.path("type").asText()).isEqualTo("AdaptiveCard");
        assertThat(card.at("/body/0/color").asText()).isEqualTo("Attention");
        assertThat(card.at("/body/0/text").asText()).isEqualTo("Postbrake: critical");
        assertThat(card.at("/body/1/type").asText()).as("no Markdown").isEqualTo("RichTextBlock");
        assertThat(card.at("/body/1/inlines/0/text").asText()).startsWith("eve <!channel> [x](http://evil.example)");
        assertThat(card.findValuesAsText("url")).allMatch(url -> url.startsWith("https://console.example.net/"));
        assertThat(posts.get(1).at("/attachments/0/content/body/0/color").asText())
                .isEqualTo("Good");
        assertThat(opened.toString().length()).as("28 KB").isLessThan(28_000);
    }

    @Test
    void mattermostGetsAnAttachment() throws Exception {
        List<JsonNode> posts = told("mattermost", HOSTILE);

        JsonNode attachment = posts.get(0).at("/attachments/0");
        assertThat(attachment.path("fallback").asText()).isEqualTo("Postbrake: critical");
        assertThat(attachment.path("color").asText()).isEqualTo("#c0392b");
        assertThat(attachment.path("text").asText())
                .matches("(?s)```\n[^`]*\n```")
                .contains("@all '''");
        assertThat(attachment.path("title_link").asText()).startsWith("https://console.example.net/#/");
        assertThat(posts.get(1).at("/attachments/0/title").asText()).isEqualTo("Postbrake: over");
    }

    @Test
    void ntfyGetsAMessageForItsTopic() throws Exception {
        List<JsonNode> posts = told("ntfy", HOSTILE);

        JsonNode opened = posts.get(0);
        assertThat(opened.path("topic").asText()).isEqualTo("s3cret");
        assertThat(opened.path("priority").asInt()).isEqualTo(5);
        assertThat(opened.path("tags").get(0).asText()).isEqualTo("rotating_light");
        assertThat(opened.path("message").asText()).startsWith("eve <!channel>").hasSizeLessThan(4096);
        assertThat(opened.has("markdown")).isFalse();
        assertThat(posts.get(1).path("priority").asInt()).isEqualTo(2);
    }

    @Test
    void opsgenieGetsAnAlertWithItsKeyAndItsEnd() throws Exception {
        List<JsonNode> posts = told("opsgenie", HOSTILE);

        JsonNode opened = posts.get(0);
        assertThat(opened.path("alias").asText()).isEqualTo(Topic.id("ann"));
        assertThat(opened.path("message").asText()).hasSizeBetween(1, 130).doesNotContain("<");
        assertThat(opened.path("description").asText()).hasSizeLessThan(15_000).doesNotContain("<");
        assertThat(opened.path("priority").asText()).isEqualTo("P1");
        assertThat(posts.get(1).path("note").asText()).isNotEmpty();
        assertThat(receiver.posts).extracting(Receiver.Post::authorization).containsOnly("GenieKey s3cret");
    }

    @Test
    void pagerDutyGetsAnEvent() throws Exception {
        List<JsonNode> posts = told("pagerduty", HOSTILE);

        JsonNode opened = posts.get(0);
        assertThat(opened.path("routing_key").asText()).isEqualTo("s3cret");
        assertThat(opened.at("/payload/summary").asText()).hasSizeLessThanOrEqualTo(1024);
        assertThat(opened.at("/payload/severity").asText()).isIn("critical", "error", "warning", "info");
        assertThat(opened.path("dedup_key").asText()).hasSizeLessThanOrEqualTo(255);
        assertThat(posts.get(1).path("event_action").asText()).isEqualTo("resolve");
    }

    @ParameterizedTest
    @ValueSource(strings = {"slack", "pagerduty"})
    void aChatIsNotToldOfChangesThatMakeNothingWorse(String format) throws Exception {
        sink = new TaskDriver(settings(format));
        sink.starts();

        sink.appended(topic.firing("ann"));
        sink.until("it was told", () -> receiver.taken().size() == 1);
        sink.appended(topic.updated("ann", 2));
        sink.until("the update is settled", () -> sink.commits() == 2);
        sink.appended(topic.resolved("ann", Topic.NOW));
        sink.until("the end is settled", () -> sink.commits() == 3);

        assertThat(receiver.taken()).hasSize(format.equals("slack") ? 2 : 3);
    }

    /** An incident whose name and sentence are {@code text}, and its end. */
    private List<JsonNode> told(String format, String text) throws Exception {
        sink = new TaskDriver(settings(format));
        sink.starts();
        sink.appended(topic.record(
                "ann",
                Topic.alert("ann", "FIRING", 1).setSubject(text).setTitle(text).build()));
        sink.until("it was told", () -> receiver.taken().size() == 1);
        sink.appended(topic.resolved("ann", Topic.NOW));
        sink.until("the end was told", () -> receiver.taken().size() == 2);
        assertThat(receiver.taken()).extracting(Receiver.Post::body).noneMatch(body -> body.contains("\u202e"));
        return receiver.taken().stream().map(Receiver.Post::json).toList();
    }

    private Map<String, String> settings(String format) {
        return new HashMap<>(Map.of(
                "webhook.format",
                format,
                "webhook.url",
                receiver.url() + "/hook",
                "webhook.secret",
                "s3cret",
                "alerts.console.url",
                "https://console.example.net/"));
    }
}
