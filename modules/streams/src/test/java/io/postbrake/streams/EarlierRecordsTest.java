package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an earlier build wrote, on topics and in stores, is read field by field as that build read it. */
class EarlierRecordsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of("mail.events.v1", MailEvent.class),
                Arguments.of("mail.submissions.v1", Submission.class),
                Arguments.of("abuse.findings.v1", Finding.class),
                Arguments.of("abuse.alerts.v1", Alert.class),
                Arguments.of("abuse.blocks.v1", Block.class),
                Arguments.of("abuse.overrides.v1", OperatorOverride.class),
                Arguments.of("abuse.enforcement.v1", EnforcementReport.class),
                Arguments.of("abuse.control.v1", Control.class),
                Arguments.of("abuse.profiles.v1", SubjectState.class),
                Arguments.of("subject-states", SubjectState.class),
                Arguments.of("open-messages", OpenMessage.class),
                Arguments.of("source-watermarks", Watermark.class),
                Arguments.of("hosts-state", HostsState.class),
                Arguments.of("enforcement-reports", EnforcementReport.class),
                Arguments.of("ended-incidents", Alert.class));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T extends SpecificRecord> void everyFieldOfEveryRecordIsReadAsItWasWritten(String name, Class<T> type)
            throws IOException {
        List<Earlier.Kept> records = Earlier.records(name);
        assertThat(records).isNotEmpty();
        for (Earlier.Kept kept : records) {
            JsonNode now = JSON.readTree(kept.as(type).toString());
            assertKept(name + " " + kept.key(), kept.json(), now);
        }
    }

    /** What is new beside is fine, what was there is not lost or changed. */
    private static void assertKept(String where, JsonNode then, JsonNode now) {
        if (then.isObject()) {
            then.properties()
                    .forEach(field ->
                            assertKept(where + "." + field.getKey(), field.getValue(), now.get(field.getKey())));
        } else if (then.isArray()) {
            assertThat(now.size()).as(where).isEqualTo(then.size());
            for (int i = 0; i < then.size(); i++) {
                assertKept(where + "[" + i + "]", then.get(i), now.get(i));
            }
        } else {
            assertThat(now).as(where).isEqualTo(then);
        }
    }
}
