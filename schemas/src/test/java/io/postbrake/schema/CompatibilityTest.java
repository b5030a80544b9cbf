package io.postbrake.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.quota.QuotaCounts;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompatibilityTest {
    /** Each may refer to those before it. */
    private static final List<String> ORDER = List.of(
            "MailEvent",
            "Finding",
            "Submission",
            "Alert",
            "Block",
            "OperatorOverride",
            "EnforcementReport",
            "Control",
            "QuotaCounts",
            "OpenMessage",
            "Watermark",
            "SubjectState",
            "HostsState");

    static Stream<Schema> topics() {
        return Stream.of(
                MailEvent.getClassSchema(),
                Submission.getClassSchema(),
                Finding.getClassSchema(),
                Alert.getClassSchema(),
                Block.getClassSchema(),
                OperatorOverride.getClassSchema(),
                EnforcementReport.getClassSchema(),
                Control.getClassSchema(),
                QuotaCounts.getClassSchema());
    }

    static Stream<Schema> state() {
        return Stream.of(
                OpenMessage.getClassSchema(),
                Watermark.getClassSchema(),
                SubjectState.getClassSchema(),
                HostsState.getClassSchema());
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
        for (String name : ORDER) {
            Schema schema = parse(parser, name);
            if (name.equals(today.getName())) {
                return schema;
            }
        }
        throw new AssertionError("no committed copy of " + today.getName());
    }

    private static Schema parse(Schema.Parser parser, String name) throws IOException {
        try (InputStream in = CompatibilityTest.class.getResourceAsStream("/v1/" + name + ".avsc")) {
            assertThat(in).as("committed copy of " + name).isNotNull();
            return parser.parse(in);
        }
    }
}
