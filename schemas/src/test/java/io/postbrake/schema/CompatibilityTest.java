package io.postbrake.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompatibilityTest {
    static Stream<Schema> topics() {
        return Stream.of(
                MailEvent.getClassSchema(),
                Submission.getClassSchema(),
                Finding.getClassSchema(),
                Alert.getClassSchema(),
                Block.getClassSchema(),
                OperatorOverride.getClassSchema());
    }

    static Stream<Schema> state() {
        return Stream.of(OpenMessage.getClassSchema(), Watermark.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource({"topics", "state"})
    void readsWhatTheFirstVersionWrote(Schema today) throws IOException {
        assertThat(verdict(today, firstVersionOf(today))).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @ParameterizedTest
    @MethodSource("topics")
    void isReadableByTheFirstVersion(Schema today) throws IOException {
        assertThat(verdict(firstVersionOf(today), today)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    private static SchemaCompatibilityType verdict(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static Schema firstVersionOf(Schema today) throws IOException {
        Schema.Parser parser = new Schema.Parser();
        Schema finding = parse(parser, "Finding"); // Alert refers to its Evidence
        return today.getName().equals("Finding") ? finding : parse(parser, today.getName());
    }

    private static Schema parse(Schema.Parser parser, String name) throws IOException {
        try (InputStream in = CompatibilityTest.class.getResourceAsStream("/v1/" + name + ".avsc")) {
            assertThat(in).as("committed copy of " + name).isNotNull();
            return parser.parse(in);
        }
    }
}
