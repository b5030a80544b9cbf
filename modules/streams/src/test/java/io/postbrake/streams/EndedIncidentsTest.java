package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
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

class EndedIncidentsTest {

    private static final String KEY = "sasl_user:user@my-domain.net";
    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");

    @TempDir
    private Path dir;

    private KeyValueStore<String, Alert> store;
    private MockProcessorContext<Void, Void> context;

    @BeforeEach
    void start() {
        context = new MockProcessorContext<>(new Properties(), new TaskId(0, 0), dir.toFile());
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(EndedIncidents.STORE),
                        Serdes.String(),
                        WireSerde.autoRegistering(new InMemorySchemaRegistry(), Alert.class))
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    void anIncidentIsKeptFromItsEndUntilItsAlertIsForgotten() {
        // Given
        EndedIncidents ended = processor();
        Alert open = alert(1, "UPDATED");
        Alert over = alert(1, "RESOLVED");
        // When
        ended.process(says(List.of(open), List.of()));
        List<String> whileOpen = keys();
        ended.process(says(List.of(over), List.of()));
        List<String> afterEnd = keys();
        processor().process(says(List.of(), List.of(over.getIncidentId().toString())));
        // Then
        assertThat(whileOpen).isEmpty();
        assertThat(afterEnd).containsExactly(EndedIncidents.keysOf(KEY) + over.getIncidentId());
        assertThat(EndedIncidents.subjectOf(afterEnd.get(0))).isEqualTo(KEY);
        assertThat(keys()).isEmpty();
    }

    @Test
    void ofTooManyTheOldestGoAlsoAfterANewBeginning() {
        // Given
        EndedIncidents before = processor();
        for (int i = 0; i < EndedIncidents.MOST; i++) {
            before.process(says(List.of(alert(i, "RESOLVED")), List.of()));
        }
        EndedIncidents ended = processor();
        // When
        ended.process(says(List.of(alert(EndedIncidents.MOST, "RESOLVED")), List.of()));
        // Then
        assertThat(keys())
                .hasSize(EndedIncidents.MOST)
                .doesNotContain(EndedIncidents.keysOf(KEY) + new UUID(0, 0))
                .contains(EndedIncidents.keysOf(KEY) + new UUID(0, EndedIncidents.MOST));
    }

    private EndedIncidents processor() {
        var processor = new EndedIncidents();
        processor.init(context);
        return processor;
    }

    private List<String> keys() {
        List<String> keys = new ArrayList<>();
        try (var all = store.all()) {
            all.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }

    private static Record<String, SubjectOutput> says(List<Alert> alerts, List<String> forgotten) {
        return new Record<>(
                KEY,
                new SubjectOutput(null, List.of(), alerts, forgotten, new SubjectOutput.BlockChange.None(), null),
                START.toEpochMilli());
    }

    private static Alert alert(int n, String state) {
        Instant at = START.plusSeconds(n);
        return Alert.newBuilder()
                .setIncidentId(new UUID(0, n))
                .setSubject("user@my-domain.net")
                .setSubjectType("sasl_user")
                .setState(state)
                .setSeverity("critical")
                .setTitle("Account user@my-domain.net")
                .setDescription("")
                .setScore(0.9)
                .setStartedAt(at)
                .setUpdatedAt(at)
                .setAction("reject")
                .build();
    }
}
