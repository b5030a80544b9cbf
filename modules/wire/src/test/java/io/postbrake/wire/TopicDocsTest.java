package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages about topics show records as a Kafka UI does; each sample must be one that the schema allows. */
class TopicDocsTest {

    private static final Path PAGES = Path.of("../../docs/topics");
    private static final Pattern SAMPLE = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);

    /** The alerts' page has samples of its own. */
    static Stream<Topic<?>> topics() {
        return Topics.all().stream().filter(topic -> !topic.equals(Topics.ALERTS));
    }

    @ParameterizedTest
    @MethodSource("topics")
    void theSampleOfATopicIsOneThatItsSchemaAllows(Topic<?> topic) throws IOException {
        String page = Files.readString(PAGES.resolve(topic.name() + ".md"));
        Matcher samples = SAMPLE.matcher(page);

        assertThat(page).contains("# " + topic.name()).contains(topic.type().getName());
        assertThat(samples.find()).as("a sample").isTrue();
        holds(topic.schema(), new ObjectMapper().readTree(samples.group(1)), topic.name());
    }

    @Test
    void theListOfTopicsNamesAll() throws IOException {
        String list = Files.readString(PAGES.resolve("README.md"));

        Topics.all().forEach(topic -> assertThat(list).contains(topic.name()));
        assertThat(list).contains(Topics.DEAD_LETTER);
    }

    private static void holds(Schema schema, JsonNode value, String where) {
        switch (schema.getType()) {
            case RECORD -> {
                Iterator<String> names = value.fieldNames();
                while (names.hasNext()) {
                    String name = names.next();
                    Schema.Field field = schema.getField(name);
                    assertThat(field).as("%s.%s is a field", where, name).isNotNull();
                    holds(field.schema(), value.get(name), where + "." + name);
                }
                for (Schema.Field field : schema.getFields()) {
                    boolean needed = !field.hasDefaultValue();
                    assertThat(!needed || value.has(field.name()))
                            .as("%s.%s is there", where, field.name())
                            .isTrue();
                }
            }
            case ARRAY -> value.forEach(element -> holds(schema.getElementType(), element, where + "[]"));
            case MAP -> value.forEach(element -> holds(schema.getValueType(), element, where + "{}"));
            case UNION -> {
                assertThat(value.size())
                        .as("%s is an object with the type's name", where)
                        .isEqualTo(1);
                String type = value.fieldNames().next();
                Schema chosen = schema.getTypes().stream()
                        .filter(t -> t.getName().equals(type))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(where + " may not be " + type));
                holds(chosen, value.get(type), where);
            }
            case LONG -> {
                if ("timestamp-millis".equals(schema.getProp("logicalType"))) {
                    assertThat(Instant.parse(value.asText())).as(where).isNotNull();
                } else {
                    assertThat(value.isIntegralNumber()).as(where).isTrue();
                }
            }
            case DOUBLE -> assertThat(value.isNumber()).as(where).isTrue();
            case BOOLEAN -> assertThat(value.isBoolean()).as(where).isTrue();
            default -> assertThat(value.isTextual()).as(where).isTrue();
        }
    }
}
