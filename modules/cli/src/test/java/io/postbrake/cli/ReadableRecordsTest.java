package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One record that cannot be read keeps nobody from the others. */
class ReadableRecordsTest {

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final ReadableRecords<EnforcementReport> readable = new ReadableRecords<>(registry, Topics.ENFORCEMENT);
    private final List<String> seen = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{\"kind\": \"host\"}", "\0\0\0\0\u0001", "\0\0\0\0\u0063abc"})
    void whatCannotBeReadIsLeftOutAndCounted(String value) {
        take("bad", value.getBytes(StandardCharsets.UTF_8));
        take("mx1", report());

        assertThat(seen).containsExactly("mx1 host");
        assertThat(readable.bad()).isEqualTo(1);
    }

    @Test
    void aTombstoneIsHandedOver() {
        take("mx1", null);

        assertThat(seen).containsExactly("mx1 null");
        assertThat(readable.bad()).isZero();
    }

    private void take(String key, byte[] value) {
        readable.take(
                new ConsumerRecord<>(Topics.ENFORCEMENT.name(), 0, 0, key, value),
                (name, report) -> seen.add(name + " " + (report == null ? null : report.getKind())));
    }

    private byte[] report() {
        return WireSerde.autoRegistering(registry, EnforcementReport.class)
                .serializer()
                .serialize(
                        Topics.ENFORCEMENT.name(),
                        EnforcementReport.newBuilder()
                                .setHostId("mx1")
                                .setKind("host")
                                .setAt(Instant.parse("2026-03-01T12:00:00Z"))
                                .build());
    }
}
