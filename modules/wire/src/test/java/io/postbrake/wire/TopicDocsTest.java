package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every topic has a page that names its record; {@code TopicSamplesIT} holds the samples against real records. */
class TopicDocsTest {

    private static final Path PAGES = Path.of("../../docs/topics");

    static Stream<Topic<?>> topics() {
        return Topics.all().stream();
    }

    @ParameterizedTest
    @MethodSource("topics")
    void aTopicHasAPage(Topic<?> topic) throws IOException {
        String page = Files.readString(PAGES.resolve(topic.name() + ".md"));

        assertThat(page).contains("# " + topic.name()).contains(topic.type().getName());
    }

    @Test
    void theListOfTopicsNamesAll() throws IOException {
        String list = Files.readString(PAGES.resolve("README.md"));

        Topics.all().forEach(topic -> assertThat(list).contains(topic.name()));
        assertThat(list).contains(Topics.DEAD_LETTER);
    }
}
