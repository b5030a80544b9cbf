package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shape of line that Postfix is known to write, each with all the fields of its event: see {@code shapes.txt}. */
class ShapesTest {
    private static final Set<String> OF_THE_HEADER = Set.of(
            "hostId",
            "sourceId",
            "generation",
            "position",
            "occurredAt",
            "readAt",
            "clamped",
            "loggedHost",
            "syslogName",
            "service",
            "pid",
            "rawHash");

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("shapes")
    void aShapeHasTheseFieldsAndNoOther(String service, String text, List<String> fields) {
        byte[] line = ("May  9 22:12:21 mx postfix/" + service + "[7]: " + text).getBytes(StandardCharsets.UTF_8);
        PostfixLogParser parser = Lines.parser();

        MailEvent event = parser.parse(line, 0, line.length, Lines.origin(Lines.READ_AT));

        List<String> got = new ArrayList<>(fields(event));
        if (parser.unknownShape()) {
            got.add("?");
        }
        assertThat(got).isEqualTo(fields);
        assertThat(event.getService()).isEqualTo(service);
    }

    static Stream<Arguments> shapes() throws IOException {
        List<Arguments> shapes = new ArrayList<>();
        List<String> fields = List.of();
        try (InputStream in = ShapesTest.class.getResourceAsStream("/shapes.txt")) {
            for (String row : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (row.startsWith("    ")) {
                    fields.add(row.substring(4));
                } else if (!row.isEmpty() && !row.startsWith("#")) {
                    fields = new ArrayList<>();
                    int tab = row.indexOf('\t');
                    shapes.add(Arguments.of(row.substring(0, tab), row.substring(tab + 1), fields));
                }
            }
        }
        return shapes.stream();
    }

    private static List<String> fields(MailEvent event) {
        return MailEvent.getClassSchema().getFields().stream()
                .filter(field -> !OF_THE_HEADER.contains(field.name()))
                .filter(field -> event.get(field.pos()) != null)
                .filter(field -> !field.name().equals("repeats") || event.getRepeats() != 1)
                .map((Schema.Field field) -> field.name() + "=" + event.get(field.pos()))
                .toList();
    }
}
