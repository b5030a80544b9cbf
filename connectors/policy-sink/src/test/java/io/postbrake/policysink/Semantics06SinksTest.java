package io.postbrake.policysink;

import static io.postbrake.policysink.SinkDriver.BLOCKS;
import static io.postbrake.policysink.SinkDriver.WORDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At every start the topics are read from their beginning to the end seen then; until then what stood in the map stays. */
class Semantics06SinksTest {

    private static final String OLD = "lifted-while-away@my-domain.net";
    private static final String STILL = "still-blocked@my-domain.net";

    @TempDir
    private Path dir;

    private Path path;

    @BeforeEach
    void aMapFromBefore() throws Exception {
        path = dir.resolve("blocked.lmdb");
        try (PolicyMap map = PolicyMap.open(path, 1 << 20)) {
            map.rebuild(Map.of(
                    OLD, new Entry("REJECT 5.7.1 no [pb:1]", Entry.NEVER),
                    STILL, new Entry("REJECT 5.7.1 no [pb:2]", Entry.NEVER))::forEach);
        }
    }

    @Test
    void committedOffsetsAreNotGoneOnFrom() {
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 7L, WORDS, 2L))) {
            sink.assigned();

            assertThat(sink.rewound).isEqualTo(Map.of(BLOCKS, 0L, WORDS, 0L));
        }
    }

    @Test
    void entriesThatWereNotSeenGoAtTheEndThatWasSeenAtTheStartAndNotBefore() throws Exception {
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 2L, WORDS, 1L))) {
            // Given
            sink.assigned();
            sink.polls(sink.block("sasl_user:" + STILL, "reject"));
            sink.polls(sink.block("sasl_user:new@my-domain.net", "reject"));
            assertThat(PolicyMap.read(path, OLD)).as("a topic has more to say").isPresent();
            // When
            sink.polls(sink.word("sasl_user:other@my-domain.net", "unblock"));
            // Then
            until(sink, () -> PolicyMap.read(path, OLD).isEmpty());
            assertThat(PolicyMap.read(path, STILL)).isPresent();
            assertThat(PolicyMap.read(path, "new@my-domain.net")).isPresent();
        }
    }

    @Test
    void aTombstoneLiftsAtOnce() throws Exception {
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 1L, WORDS, 0L))) {
            // Given
            sink.assigned();
            sink.polls(sink.block("sasl_user:" + STILL, "reject"));
            until(sink, () -> PolicyMap.read(path, OLD).isEmpty());
            // When
            sink.polls(sink.record(BLOCKS, "sasl_user:" + STILL, null));
            // Then
            assertThat(PolicyMap.read(path, STILL)).isEmpty();
        }
    }

    @Test
    void aBlockForAnotherHostAloneStandsHereOnlyWhenItBecomesEverybodys() throws Exception {
        var settings = Map.of("policy.host.id", "mx1", "policy.registry.url", "http://127.0.0.1:1");
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 2L, WORDS, 0L), settings)) {
            // Given
            sink.assigned();
            sink.polls(
                    sink.block("sasl_user:here@my-domain.net", "reject", "mx1"),
                    sink.block("sasl_user:there@my-domain.net", "reject", "mx2"));
            until(sink, () -> PolicyMap.read(path, OLD).isEmpty());
            assertThat(PolicyMap.read(path, "here@my-domain.net")).isPresent();
            assertThat(PolicyMap.read(path, "there@my-domain.net")).isEmpty();
            // When
            sink.polls(sink.block("sasl_user:there@my-domain.net", "reject"));
            // Then
            assertThat(PolicyMap.read(path, "there@my-domain.net")).isPresent();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(SinkDriver sink, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(5);
            sink.polls();
        }
    }
}
