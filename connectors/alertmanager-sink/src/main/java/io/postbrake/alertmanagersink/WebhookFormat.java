package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Services whose messages we know how to write, and how a stranger's text stays text in each. */
enum WebhookFormat {
    /** Events API v2. */
    PAGERDUTY("https://events.pagerduty.com/v2/enqueue", true, text -> text),
    /** Alert API; its texts may be HTML. */
    OPSGENIE(
            "https://api.opsgenie.com/v2/alerts{{#resolved}}/{{incidentId}}/close?identifierType=alias{{/resolved}}",
            true,
            WebhookFormat::withoutMarkup),
    /** Incoming webhooks; three characters begin links and mentions. */
    SLACK("", false, WebhookFormat::withoutMarkup),
    /** A workflow that takes an adaptive card; text of strangers stands in runs, which know no Markdown. */
    TEAMS("", false, text -> text),
    /** Incoming webhooks; text of strangers stands in a fence, in which nothing is a mention or a link. */
    MATTERMOST("", false, text -> text.replace('`', '\'')),
    /** Publishing as JSON; the message is plain text. */
    NTFY("", false, text -> text);

    private final String url;
    private final boolean keepsState;
    private final UnaryOperator<String> harmless;

    /** A service that keeps state knows an incident by its key, and is told each change of it. */
    WebhookFormat(String url, boolean keepsState, UnaryOperator<String> harmless) {
        this.url = url;
        this.keepsState = keepsState;
        this.harmless = harmless;
    }

    private static String withoutMarkup(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Template of the address that everybody has; empty where everybody has an own one. */
    String url() {
        return url;
    }

    /** Whether it shows one thing for an incident, however often it is told. */
    boolean keepsState() {
        return keepsState;
    }

    /** A value within a JSON string of the template. */
    String escaped(String value) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(harmless.apply(value)));
    }

    String template() {
        String name = name().toLowerCase(Locale.ROOT) + ".mustache";
        try (InputStream in = WebhookFormat.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
