package io.postbrake.dovecotlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What real servers wrote, each line with all the fields of its event. */
class RecordedLinesTest {
    private static final List<String> FILES =
            List.of("/dovecot-2.3.19.txt", "/dovecot-2.4.1.txt", "/dovecot-templates.txt");

    @ParameterizedTest(name = "{0}")
    @MethodSource("lines")
    void aLineHasTheseFieldsAndNoOtherInItsOwnLogAndInSyslog(String line, List<String> fields) {
        assertThat(Read.fields(Read.ownLog(line))).isEqualTo(fields);
        assertThat(Read.fields(Read.syslog(line))).isEqualTo(fields);
    }

    static Stream<Arguments> lines() throws IOException {
        List<Arguments> all = new ArrayList<>();
        for (String file : FILES) {
            try (InputStream in = RecordedLinesTest.class.getResourceAsStream(file)) {
                List<String> fields = List.of();
                for (String row : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList()) {
                    if (row.startsWith("    ")) {
                        fields.add(row.substring(4));
                    } else if (!row.startsWith("#")) {
                        fields = new ArrayList<>();
                        all.add(Arguments.of(row, fields));
                    }
                }
            }
        }
        return all.stream();
    }
}
