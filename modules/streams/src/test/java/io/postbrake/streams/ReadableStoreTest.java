package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.state.Watermark;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** State whose changelog somebody else wrote to. */
class ReadableStoreTest {
    private static final String NAME = CorrelateProcessor.WATERMARKS;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
    private KeyValueStore<String, Watermark> bytes;
    private ReadableStore<Watermark> store;

    @BeforeEach
    void open() {
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "pb");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        BadRecords.handle(p, meters, Topics.DEAD_LETTER, letters::add);
        var context = new MockProcessorContext<Void, Void>(p);
        context.setCurrentSystemTimeMs(Instant.parse("2026-05-09T20:12:21Z").toEpochMilli());
        bytes = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(NAME), Serdes.String(), poisoned())
                .withLoggingDisabled()
                .build();
        bytes.init(context.getStateStoreContext(), bytes);
        context.addStateStore(bytes);
        store = ReadableStore.of(NAME, context);
        List.of("anna", "bad 1", "bert", "bad 2", "carl").forEach(key -> bytes.put(key, watermark(key)));
    }

    /** Writes what nobody can read, for watermarks of sources that are called bad. */
    private static Serde<Watermark> poisoned() {
        WireSerde<Watermark> serde = WireSerde.autoRegistering(new InMemorySchemaRegistry(), Watermark.class);
        Serializer<Watermark> good = serde.serializer();
        return Serdes.serdeFrom(
                (topic, mark) -> mark != null && mark.getSourceId().startsWith("bad")
                        ? new byte[] {1, 2, 3}
                        : good.serialize(topic, mark),
                serde.deserializer());
    }

    private static Watermark watermark(String source) {
        return Watermark.newBuilder()
                .setSourceId(source)
                .setGeneration(0)
                .setPosition(1)
                .setSeenAt(Instant.EPOCH)
                .build();
    }

    @Test
    void anUnreadableEntryIsNone() {
        // When
        Watermark read = store.get("bad 1");
        // Then
        assertThat(read).isNull();
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.topic()).isEqualTo(Topics.DEAD_LETTER);
            assertThat(new String(letter.key(), StandardCharsets.UTF_8)).isEqualTo("bad 1");
            assertThat(letter.value()).containsExactly(1, 2, 3);
            assertThat(new String(
                            letter.headers()
                                    .lastHeader("__streams.errors.topic")
                                    .value(),
                            StandardCharsets.UTF_8))
                    .isEqualTo("pb-" + NAME + "-changelog");
        });
        assertThat(counted()).isEqualTo(1);
    }

    @Test
    void theOthersAreHandedOverAndTheUnreadableForgotten() {
        // Given
        Map<String, Watermark> seen = new HashMap<>();
        // When
        store.each(seen::put);
        // Then
        assertThat(seen).containsOnlyKeys("anna", "bert", "carl");
        assertThat(counted()).isEqualTo(2);
        assertThat(letters).hasSize(2);
        assertThat(bytes.approximateNumEntries()).isEqualTo(3);
    }

    @Test
    void thoseOfAPrefixToo() {
        // Given
        List<String> seen = new ArrayList<>();
        // When
        store.eachOf("b", (key, mark) -> seen.add(key));
        // Then
        assertThat(seen).containsExactly("bert");
        assertThat(counted()).isEqualTo(2);
    }

    @Test
    void sliceForSliceEachEntryIsHandedOverOnce() {
        // Given
        List<String> seen = new ArrayList<>();
        List<String> ends = new ArrayList<>();
        // When
        String end = "";
        while (end != null) {
            end = store.eachAfter(end, () -> false, (key, mark) -> seen.add(key));
            ends.add(end);
        }
        // Then
        assertThat(seen).containsExactly("anna", "bert", "carl");
        assertThat(ends).containsExactly("anna", "bad 1", "bad 2", "bert", null);
        assertThat(counted()).isEqualTo(2);
        assertThat(letters).hasSize(2);
    }

    @Test
    void anEntryThatCannotBeUsedKeepsNobodyFromTheOthers() {
        // Given
        List<String> seen = new ArrayList<>();
        // When
        store.each((key, mark) -> {
            if (key.equals("anna")) {
                throw new IllegalStateException("an entry of which nothing can be made");
            }
            seen.add(key);
        });
        // Then
        assertThat(seen).containsExactly("bert", "carl");
        assertThat(store.get("anna")).isNotNull();
        assertThat(meters.get("postbrake.bad.records")
                        .tags("topic", NAME, "stage", "process")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whatIsPutInItsPlaceStays() {
        // Given
        store.get("bad 1");
        // When
        store.put("bad 1", watermark("new"));
        // Then
        assertThat(store.get("bad 1")).isEqualTo(watermark("new"));
        assertThat(letters).hasSize(1);
    }

    private double counted() {
        return meters.get("postbrake.bad.records")
                .tags("topic", NAME, "stage", "read")
                .counter()
                .count();
    }
}
