package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.event.Submission;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Instant;
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

class SubjectProcessorTest {

    private static final String KEY = "sasl_user:user@my-domain.net";
    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");

    /** So many that there is room for a hundred strangers in each. */
    private static final int PARTITIONS = 1_000;

    @TempDir
    private Path dir;

    private final DetectorMeters meters = new DetectorMeters(new SimpleMeterRegistry());
    private KeyValueStore<String, SubjectState> store;
    private MockProcessorContext<String, SubjectOutput> context;

    @BeforeEach
    void start() {
        context = context();
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(SubjectProcessor.STATES),
                        Serdes.String(),
                        WireSerde.autoRegistering(new InMemorySchemaRegistry(), SubjectState.class))
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
    void aBlockEndsAlthoughTheProcessorThatMadeItIsGone() {
        // Given
        SubjectProcessor first = processor(context);
        for (int i = 0; i < 51; i++) {
            first.process(input(accepted(i)));
        }
        commit(context);
        assertThat(store.get(KEY).getBlock()).isNotNull();
        Instant end = store.get(KEY).getBlockUntil();
        MockProcessorContext<String, SubjectOutput> later = context();
        later.addStateStore(store);
        processor(later);
        // When
        var tick = later.scheduledPunctuators().get(0).getPunctuator();
        tick.punctuate(end.toEpochMilli() - 1);
        tick.punctuate(end.toEpochMilli());
        // Then
        assertThat(changes(later)).last().isInstanceOf(SubjectOutput.BlockChange.Lift.class);
        commit(later);
        assertThat(store.get(KEY).getBlock()).isNull();
    }

    @Test
    void whoIsToldThatSomethingIsOpenFindsItInTheStore() {
        // Given
        SubjectProcessor processor = processor(context);
        long before = meters.cases().changes();
        for (int i = 0; i < 51; i++) {
            processor.process(input(accepted(i)));
        }
        assertThat(store.get(KEY)).isNull();
        assertThat(meters.cases().changes()).isEqualTo(before);
        // When
        commit(context);
        // Then
        assertThat(store.get(KEY).getBlock()).isNotNull();
        assertThat(meters.cases().changes()).isGreaterThan(before);
    }

    @Test
    void whatOthersHaveIsJudgedBeforeAllStatesOfALargeFleetWereGoneThrough() {
        // Given
        SubjectProcessor first = processor(context);
        for (int i = 0; i < 900; i++) {
            first.process(input("a" + i + "@my-domain.net", accepted(0)));
        }
        for (int i = 0; i < 51; i++) {
            first.process(input(accepted(i)));
        }
        commit(context);
        Instant end = store.get(KEY).getBlockUntil();
        MockProcessorContext<String, SubjectOutput> later = context();
        later.addStateStore(store);
        SubjectProcessor second = processor(later);
        var slice = later.scheduledPunctuators().get(0);
        var tick = later.scheduledPunctuators().get(1).getPunctuator();
        // When
        second.process(input("a899@my-domain.net", accepted(100)));
        tick.punctuate(end.toEpochMilli());
        assertThat(changes(later)).isEmpty();
        while (!slice.cancelled()) {
            slice.getPunctuator().punctuate(end.toEpochMilli());
        }
        tick.punctuate(end.toEpochMilli());
        // Then
        assertThat(changes(later)).last().isInstanceOf(SubjectOutput.BlockChange.Lift.class);
    }

    @Test
    void ofNamesThatWereMadeUpTheOldestGoAlsoAfterAStartInSlices() {
        // Given
        SubjectProcessor first = processor(context);
        for (int i = 0; i < 400; i++) {
            first.process(input("a" + i + "@my-domain.net", accepted(0)));
        }
        for (int i = 0; i < 100; i++) {
            first.process(failed("name" + (99 - i) + "@example.org", i));
        }
        commit(context);
        SubjectProcessor second = processor(context);
        var slice = context.scheduledPunctuators().stream()
                .filter(one -> one.getInterval().toMillis() < 1000)
                .findFirst()
                .orElseThrow();
        // When
        second.process(failed("name99@example.org", 100)); // It was the first one, and is the last one now.
        second.process(failed("name100@example.org", 101));
        while (!slice.cancelled()) {
            slice.getPunctuator().punctuate(START.toEpochMilli());
        }
        second.process(failed("name101@example.org", 102));
        // Then
        commit(context);
        assertThat(store.approximateNumEntries()).isEqualTo(400 + 100);
        assertThat(store.get("sasl_user:name99@example.org")).isNotNull();
        assertThat(store.get("sasl_user:name98@example.org")).isNull();
        assertThat(store.get("sasl_user:name97@example.org")).isNull();
        assertThat(store.get("sasl_user:name96@example.org")).isNotNull();
    }

    @Test
    void aTurnThatFailsLeavesTheStateAsItWas() {
        // Given
        SubjectProcessor processor = processor(context);
        processor.process(input(accepted(0)));
        commit(context);
        SubjectState before = store.get(KEY);
        Submission poison = accepted(1);
        poison.put("occurredAt", null);
        // When
        Throwable failure = catching(() -> processor.process(input(poison)));
        // Then
        assertThat(failure).isNotNull();
        processor.process(input(accepted(2)));
        commit(context);
        assertThat(store.get(KEY).getMessages()).isEqualTo(before.getMessages() + 1);
    }

    private static Throwable catching(Runnable action) {
        try {
            action.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static List<SubjectOutput.BlockChange> changes(MockProcessorContext<String, SubjectOutput> context) {
        return context.forwarded().stream().map(f -> f.record().value().block()).toList();
    }

    private MockProcessorContext<String, SubjectOutput> context() {
        var context = new MockProcessorContext<String, SubjectOutput>(new Properties(), new TaskId(0, 0), dir.toFile());
        context.setCurrentSystemTimeMs(START.toEpochMilli());
        context.addStateStore(CommitHook.builder(SubjectProcessor.COMMITS).build());
        return context;
    }

    private static void commit(MockProcessorContext<String, SubjectOutput> context) {
        CommitHook.of(SubjectProcessor.COMMITS, context).flushCache();
    }

    private SubjectProcessor processor(MockProcessorContext<String, SubjectOutput> context) {
        var processor = new SubjectProcessor(new RuntimeConfigHolder(DetectionConfig.defaults()), meters, PARTITIONS);
        processor.init(context);
        return processor;
    }

    @Test
    void ofNamesThatWereMadeUpThereIsRoomForSoMany() {
        // Given
        SubjectProcessor first = processor(context);
        first.process(input(accepted(0)));
        for (int i = 0; i < 5; i++) {
            first.process(failed("target@example.org", i));
        }
        // When
        for (int i = 0; i < 300; i++) {
            first.process(failed("name" + i + "@example.org", i));
        }
        commit(context);
        SubjectProcessor second = processor(context);
        second.process(failed("name300@example.org", 300));
        // Then
        commit(context);
        assertThat(store.approximateNumEntries()).isEqualTo(1 + 100);
        assertThat(store.get(KEY)).isNotNull();
        assertThat(store.get("sasl_user:target@example.org")).isNotNull();
        assertThat(store.get("sasl_user:name201@example.org")).isNull();
        assertThat(store.get("sasl_user:name202@example.org")).isNotNull();
        assertThat(store.get("sasl_user:name300@example.org")).isNotNull();
    }

    private static Record<String, Input> failed(String login, int second) {
        Submission failed = accepted(second);
        failed.setPhase("AUTH_FAILED");
        failed.setAccount(login);
        return new Record<>("sasl_user:" + login, new Input.Activity(failed), START.toEpochMilli());
    }

    private static Record<String, Input> input(String login, Submission submission) {
        submission.setAccount(login);
        return new Record<>("sasl_user:" + login, new Input.Activity(submission), START.toEpochMilli());
    }

    private static Record<String, Input> input(Submission submission) {
        return new Record<>(KEY, new Input.Activity(submission), START.toEpochMilli());
    }

    private static Submission accepted(int n) {
        Instant at = START.plusSeconds(6L * n);
        return Submission.newBuilder()
                .setPhase("ACCEPTED")
                .setHostId("mx1")
                .setQueueId("Q" + n)
                .setAccount("user@my-domain.net")
                .setClientIp("201.91.101.26")
                .setRecipients(1L)
                .setRepeats(1)
                .setOccurredAt(at)
                .setReadAt(at)
                .setSourceId("file-1")
                .setGeneration(0)
                .setPosition(n)
                .build();
    }
}
