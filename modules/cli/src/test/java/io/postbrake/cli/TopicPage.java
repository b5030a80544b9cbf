package io.postbrake.cli;

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

/**
 * A page of {@code docs/topics} with a sample of its records. With {@code -Dsamples=true} the page gets the sample that the
 * code makes, otherwise it must have it already.
 */
final class TopicPage {

    private static final Path PAGES = Path.of("../../docs/topics");
    private static final Pattern SAMPLE = Pattern.compile("(?<=```json\\n)(.*?)(?=\\n```)", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("(?<=Key `)[^`]*(?=`)");

    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;
    private String text;

    TopicPage(String topic) throws IOException {
        file = PAGES.resolve(topic + ".md");
        text = Files.readString(file);
    }

    /** Holds the sample, which is the page's only JSON, against what is shown of a record. */
    void holds(String key, JsonNode value) throws IOException {
        JsonNode made = shortened(value);
        if (Boolean.getBoolean("samples")) {
            write(key, made);
        }
        assertThat(constant(found(KEY))).as("key on %s", file).isEqualTo(constant(key));
        assertThat(constant(mapper.readTree(found(SAMPLE))))
                .as("%s shows what the code makes; -Dtest=TopicSamplesIT -Dsamples=true renews it", file)
                .isEqualTo(constant(made));
    }

    String command() {
        Matcher command = Pattern.compile("^\\./postbrake (topics show .*)$", Pattern.MULTILINE)
                .matcher(text);
        assertThat(command.find()).as("%s has a command", file).isTrue();
        return command.group(1);
    }

    private void write(String key, JsonNode made) throws IOException {
        String json = mapper.writerWithDefaultPrettyPrinter().writeValueAsString(made);
        text = SAMPLE.matcher(text).replaceFirst(Matcher.quoteReplacement(json));
        text = KEY.matcher(text).replaceFirst(Matcher.quoteReplacement(key));
        Files.writeString(file, text);
    }

    private String found(Pattern what) {
        Matcher found = what.matcher(text);
        assertThat(found.find()).as("%s has %s", file, what).isTrue();
        return found.group();
    }

    /** Without nulls, and of a list of records only the first and the last. */
    private static JsonNode shortened(JsonNode value) {
        if (value.isObject()) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            value.properties().stream()
                    .filter(field -> !field.getValue().isNull())
                    .forEach(field -> node.set(field.getKey(), shortened(field.getValue())));
            return node;
        }
        if (value.isArray()) {
            ArrayNode node = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < value.size(); i++) {
                if (!value.get(i).isObject() || i == 0 || i == value.size() - 1) {
                    node.add(shortened(value.get(i)));
                }
            }
            return node;
        }
        return value;
    }

    /** What does not depend on when and on which machine it was made: of numbers, times and ids only that they are there. */
    private static JsonNode constant(JsonNode value) {
        var json = JsonNodeFactory.instance;
        if (value.isObject()) {
            ObjectNode node = json.objectNode();
            value.properties()
                    .forEach(field -> node.set(
                            field.getKey(),
                            field.getKey().equals("actor") ? json.textNode("USER") : constant(field.getValue())));
            return node;
        }
        if (value.isArray()) {
            ArrayNode node = json.arrayNode();
            value.forEach(element -> node.add(constant(element)));
            return node;
        }
        return value.isNumber()
                ? json.textNode("number")
                : value.isTextual() ? json.textNode(constant(value.asText())) : value;
    }

    private static String constant(String text) {
        return text.replaceAll("\\d{4}-\\d\\d-\\d\\d(T[0-9:.]+Z| \\d\\d:\\d\\d UTC)", "TIME")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                .replaceAll("\\b[0-9a-f]{8,24}\\b", "ID")
                .replaceAll("(?<![\\w.@-])\\d+(\\.\\d+)?(e-\\d+)?(?![\\w.])", "N");
    }
}
