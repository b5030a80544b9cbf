package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.state.Watermark;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveStoreTest {

    private static final String COMMITS = "commits";
    private static final int MOST = 3;

    @TempDir
    private Path dir;

    private KeyValueStore<String, Watermark> store;
    private MockProcessorContext<Void, Void> context;
    private LiveStore<Watermark> live;
    private int written;

    @BeforeEach
    void start() {
        context = new MockProcessorContext<>(new Properties(), new TaskId(0, 0), dir.toFile());
        Serde<Watermark> serde = WireSerde.autoRegistering(new InMemorySchemaRegistry(), Watermark.class);
        Serde<Watermark> counted = Serdes.serdeFrom(
                (topic, value) -> {
                    written++;
                    return serde.serializer().serialize(topic, value);
                },
                serde.deserializer());
        store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("store"), Serdes.String(), counted)
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        context.addStateStore(CommitHook.builder(COMMITS).build());
        live = anew();
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private LiveStore<Watermark> anew() {
        return new LiveStore<>(ReadableStore.of("store", context), CommitHook.of(COMMITS, context), MOST, one -> one);
    }

    private void commit() {
        CommitHook.of(COMMITS, context).flushCache();
    }

    @Test
    void whatChangedOftenIsWrittenOnce() {
        // Given
        for (int i = 1; i <= 100; i++) {
            live.put("a", at(i));
        }
        assertThat(written).isZero();
        // When
        commit();
        commit();
        // Then
        assertThat(written).isEqualTo(1);
        assertThat(store.get("a")).isEqualTo(at(100));
    }

    @Test
    void whatCameAndWentIsNeverWritten() {
        // Given
        List<String> changes = new ArrayList<>();
        assertThat(live.get("a")).isNull();
        live.put("a", at(1));
        live.delete("a");
        // When
        commit();
        store.all().forEachRemaining(entry -> changes.add(entry.key));
        // Then
        assertThat(written).isZero();
        assertThat(changes).isEmpty();
        assertThat(live.get("a")).isNull();
    }

    @Test
    void whatTheStoreHasGoesFromThere() {
        // Given
        store.put("a", at(1));
        store.put("b", at(2));
        // When
        assertThat(live.get("a")).isEqualTo(at(1));
        live.delete("a");
        live.delete("b"); // Unseen.
        commit();
        // Then
        assertThat(store.get("a")).isNull();
        assertThat(store.get("b")).isNull();
        assertThat(live.get("a")).isNull();
    }

    @Test
    void aDeletedKeyThatComesAgainGoesAgain() {
        // Given
        store.put("a", at(1));
        live.delete("a");
        live.put("a", at(2));
        commit();
        assertThat(store.get("a")).isEqualTo(at(2));
        // When
        live.delete("a");
        commit();
        // Then
        assertThat(store.get("a")).isNull();
    }

    @Test
    void whatIsNotYetWrittenIsKeptHoweverMuchItIs() {
        // When
        for (int i = 0; i < 12_000; i++) {
            live.put("key" + i, at(i));
        }
        // Then
        assertThat(live.get("key0")).isEqualTo(at(0));
        assertThat(live.get("key11999")).isEqualTo(at(11_999));
        commit();
        assertThat(store.approximateNumEntries()).isEqualTo(12_000);
    }

    @Test
    void aChangeThatIsNotPutBackIsForgotten() {
        // Given
        live.put("a", at(1));
        commit();
        // When
        live.take("a").setPosition(7);
        // Then
        assertThat(live.get("a")).isEqualTo(at(1));
    }

    @Test
    void whatWasTakenBeforeItWasWrittenGoesFromTheStoreLater() {
        // Given
        live.take("a");
        live.put("a", at(1));
        commit();
        for (int i = 0; i <= MOST; i++) {
            live.put("later" + i, at(i)); // So that it is no object any more.
            commit();
        }
        // When
        live.take("a");
        live.put("a", null);
        commit();
        // Then
        assertThat(store.get("a")).isNull();
    }

    @Test
    void whatIsToBeDeletedIsDeletedAlthoughSomebodyAskedForItAgain() {
        // Given
        store.put("a", at(1));
        live.take("a");
        live.put("a", null);
        // When
        assertThat(live.take("a")).isNull();
        commit();
        // Then
        assertThat(store.get("a")).isNull();
        assertThat(live.get("a")).isNull();
    }

    @Test
    void aTaskThatGoesOnAfterItWasSuspendedKeepsNothingOfTheTimeBefore() {
        // Given
        LiveStore<Watermark> before = live;
        live = anew();
        before.put("a", at(1));
        live.put("b", at(2));
        // When
        commit();
        // Then
        assertThat(store.get("a")).isNull();
        assertThat(store.get("b")).isEqualTo(at(2));
    }

    @Test
    void eachIsTheNewest() {
        // Given
        live.put("a", at(1));
        commit();
        live.put("a", at(2));
        live.put("b", at(3));
        List<KeyValue<String, Watermark>> all = new ArrayList<>();
        // When
        live.each((key, value) -> all.add(KeyValue.pair(key, value)));
        // Then
        assertThat(all).containsExactlyInAnyOrder(KeyValue.pair("a", at(2)), KeyValue.pair("b", at(3)));
    }

    @Test
    void aValueThatCannotBeWrittenCostsOnlyItself() {
        // Given
        store.put("giant", at(1));
        live.put("giant", new Watermark("x".repeat(2 << 20), 0L, 2L, null, null, null));
        live.put("b", at(3));
        // When
        commit();
        // Then
        assertThat(store.get("b")).isEqualTo(at(3));
        assertThat(live.get("giant")).isEqualTo(at(1));
    }

    private static Watermark at(long position) {
        return new Watermark("file-1", 0L, position, null, null, null);
    }
}
