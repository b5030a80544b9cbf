package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostReportsTest {

    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");
    private static final Duration FORGET = Duration.ofDays(1);
    private static final String BLOCK = "53cc05e4-2f5d-3a0c-9a37-0a6c7c1f6a1e";

    @TempDir
    private Path dir;

    private KeyValueStore<String, EnforcementReport> store;
    private MockProcessorContext<Void, Void> context;
    private HostReports reports;

    @BeforeEach
    void start() {
        context = new MockProcessorContext<>(new Properties(), new TaskId(0, 0), dir.toFile());
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(HostReports.STORE),
                        Serdes.String(),
                        WireSerde.autoRegistering(new InMemorySchemaRegistry(), EnforcementReport.class))
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        reports = new HostReports(FORGET);
        reports.init(context);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    void aBlockIsKeptPerHostUntilItIsLiftedThereAndTheRefusalStays() {
        // Given
        says(block("mx1", BLOCK, 0).setRefusedAt(START.plusSeconds(1)).build());
        says(block("mx2", BLOCK, 0).build());
        says(block("mx1", null, 5).build());
        // When
        says(block("mx1", BLOCK, 9)
                .setRefusedAt(START.plusSeconds(1))
                .setLiftedAt(START.plusSeconds(9))
                .build());
        // Then
        assertThat(keys())
                .containsExactlyInAnyOrder(
                        blockKey(BLOCK, "mx2"), blockKey("operator", "mx1"), HostReports.REFUSAL + "mx1");
    }

    @Test
    void theNewestRefusalOfAHostStands() {
        // Given
        says(block("mx1", BLOCK, 60).setRefusedAt(START.plusSeconds(60)).build());
        // When
        says(block("mx1", "other", 70).setRefusedAt(START.plusSeconds(30)).build());
        // Then
        assertThat(store.get(HostReports.REFUSAL + "mx1").getRefusedAt()).isEqualTo(START.plusSeconds(60));
    }

    @Test
    void aHostThatIsGoneIsForgottenAndTheOthersStay() {
        // Given
        says(host("mx1", 0));
        says(host("mx2", 3600));
        says(block("mx1", BLOCK, 0).build());
        // When
        context.scheduledPunctuators()
                .get(0)
                .getPunctuator()
                .punctuate(START.plus(FORGET).plusSeconds(1).toEpochMilli());
        // Then
        assertThat(keys()).containsExactlyInAnyOrder(HostReports.HOST + "mx2", blockKey(BLOCK, "mx1"));
    }

    @Test
    void aHostThatSaidFarewellIsForgottenAtOnce() {
        // Given
        says(host("mx1", 0));
        says(host("mx2", 0));
        // When
        EnforcementReport farewell = host("mx1", 1);
        farewell.setEndedAt(START.plusSeconds(1));
        says(farewell);
        // Then
        assertThat(keys()).containsExactly(HostReports.HOST + "mx2");
    }

    @Test
    void ofTooManyBlocksTheOldestGo() {
        // Given
        says(host("mx1", 0));
        for (int i = 0; i < HostReports.MOST_BLOCKS; i++) {
            says(block("mx1", "b" + i, i).build());
        }
        // When
        says(block("mx1", BLOCK, HostReports.MOST_BLOCKS).build());
        // Then
        assertThat(keys())
                .hasSize(HostReports.MOST_BLOCKS + 1)
                .contains(HostReports.HOST + "mx1", blockKey(BLOCK, "mx1"))
                .doesNotContain(blockKey("b0", "mx1"));
    }

    private void says(EnforcementReport report) {
        reports.process(new Record<>("any", report, report.getAt().toEpochMilli()));
    }

    private List<String> keys() {
        List<String> keys = new ArrayList<>();
        try (var all = store.all()) {
            all.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }

    private static String blockKey(String blockId, String hostId) {
        return HostReports.blocksOf("sasl_user:user@my-domain.net") + blockId + '\0' + hostId;
    }

    private static EnforcementReport host(String hostId, int second) {
        return EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind("host")
                .setAt(START.plusSeconds(second))
                .build();
    }

    private static EnforcementReport.Builder block(String hostId, String blockIdOrNull, int second) {
        return EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind("block")
                .setAt(START.plusSeconds(second))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setBlockId(blockIdOrNull)
                .setWrittenAt(START.plusSeconds(second));
    }
}
