package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code docs/alerting.md}, whose samples must be what Alertmanager shows; {@code -Dsamples=true} writes them anew. */
final class AlertingPage {

    private static final Path PAGE = Path.of("../../docs/alerting.md");

    private AlertingPage() {}

    /** Holds the sample below the line that is {@code title} against what Alertmanager showed. */
    static void holds(String title, JsonNode shown) throws IOException {
        var mapper = new ObjectMapper();
        String text = Files.readString(PAGE);
        Matcher sample = Pattern.compile(
                        "(?<=\\n" + Pattern.quote(title) + "\\n\\n```json\\n).*?(?=\\n```)", Pattern.DOTALL)
                .matcher(text);
        assertThat(sample.find()).as("%s has a sample below '%s'", PAGE, title).isTrue();
        if (Boolean.getBoolean("samples")) {
            String json = mapper.writerWithDefaultPrettyPrinter().writeValueAsString(shown);
            Files.writeString(PAGE, sample.replaceFirst(Matcher.quoteReplacement(json)));
        } else {
            assertThat(constant(mapper.readTree(sample.group())))
                    .as("%s, '%s': -Dtest=AlertmanagerIT -Dsamples=true renews it", PAGE, title)
                    .isEqualTo(constant(shown));
        }
    }

    /** Of times, numbers and ids only that they are there. */
    private static JsonNode constant(JsonNode value) {
        var json = JsonNodeFactory.instance;
        if (value.isObject()) {
            ObjectNode node = json.objectNode();
            value.properties().forEach(field -> node.set(field.getKey(), constant(field.getValue())));
            return node;
        }
        if (value.isArray()) {
            ArrayNode node = json.arrayNode();
            value.forEach(element -> node.add(constant(element)));
            return node;
        }
        return value.isTextual()
                ? json.textNode(value.asText()
                        .replaceAll("\\d{4}-\\d\\d-\\d\\d(T[0-9:.]+Z| \\d\\d:\\d\\d UTC)", "TIME")
                        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                        .replaceAll("\\b[0-9a-f]{8,16}\\b", "ID")
                        .replaceAll("(?<=127\\.0\\.0\\.1:)\\d+", "PORT")
                        .replaceAll("\\bA\\d{4}[0-9A-F]+\\b", "QUEUE")
                        .replaceAll("(?<![\\w.@-])\\d+(\\.\\d+)?(e-\\d+)?(?![\\w.])", "N"))
                : value;
    }
}
