package io.postbrake.policysink;

import static io.postbrake.policysink.SinkDriver.BLOCKS;
import static io.postbrake.policysink.SinkDriver.WORDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicySinkTaskTest {

    private static final String THIEF = "thief@my-domain.net";

    @TempDir
    private Path dir;

    private Path path;

    @BeforeEach
    void path() {
        path = dir.resolve("blocked.lmdb");
    }

    /** Connect polls with nothing while the group is still forming. */
    @Test
    void theMapStaysAsItIsBeforeAnyPartitionIsAssigned() throws IOException {
        leftFromBefore();
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of())) {
            sink.polls();

            assertThat(PolicyMap.read(path, THIEF)).contains("REJECT 5.7.1 no [pb:1]");
        }
    }

    @Test
    void aDeletedMapIsRefilledFromTheBeginningWhateverIsCommittedAndNotBeforeItIsWhole() throws Exception {
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 3L, WORDS, 0L))) {
            sink.assigned();
            assertThat(sink.rewound).isEqualTo(Map.of(BLOCKS, 0L, WORDS, 0L));

            sink.polls(sink.block("sasl_user:" + THIEF, "reject"));
            assertThat(path).doesNotExist();

            sink.polls(sink.block("sasl_user:b", "hold"), sink.record(BLOCKS, "sasl_user:b", null));
            until(() -> {
                sink.polls();
                return Files.exists(path);
            });
            assertThat(PolicyMap.read(path, THIEF))
                    .hasValueSatisfying(reply -> assertThat(reply).startsWith("REJECT 5.7.1 "));
            assertThat(PolicyMap.read(path, "b")).isEmpty();
        }
    }

    @Test
    void whatWasLiftedWhileTheHostWasAwayGoesAlthoughItsTombstoneIsGone() throws Exception {
        leftFromBefore();
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 1L, WORDS, 0L))) {
            sink.assigned();

            sink.polls(sink.block("sasl_user:other", "reject"));

            until(() -> {
                sink.polls();
                return PolicyMap.read(path, THIEF).isEmpty();
            });
            assertThat(PolicyMap.read(path, "other")).isPresent();
        }
    }

    @Test
    void whereTheTopicsEndIsAskedAgainUntilTheBrokersAnswer() throws Exception {
        leftFromBefore();
        var asked = new AtomicInteger();
        try (var sink = new SinkDriver(path, (client, partitions) -> {
            if (asked.incrementAndGet() < 3) {
                throw new TimeoutException("no broker");
            }
            return Map.of(BLOCKS, 0L, WORDS, 0L);
        })) {
            sink.assigned();
            sink.polls();
            assertThat(PolicyMap.read(path, THIEF)).isPresent();

            until(() -> {
                sink.polls();
                return PolicyMap.read(path, THIEF).isEmpty();
            });
            assertThat(asked).hasValue(3);
        }
    }

    /** Asking takes a minute when no broker answers; Connect would take the task for dead. */
    @Test
    void askingForTheEndsHoldsUpNothing() throws Exception {
        var answer = new CountDownLatch(1);
        try (var sink = new SinkDriver(path, (client, partitions) -> {
            try {
                answer.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Map.of(BLOCKS, 1L);
        })) {
            sink.assigned();
            sink.polls(sink.block("sasl_user:" + THIEF, "hold"));
            assertThat(path).doesNotExist();

            answer.countDown();

            until(() -> {
                sink.polls();
                return Files.exists(path);
            });
        }
    }

    @Test
    void aRecordThatIsNoneIsReportedAndTheNextOnesCount() throws Exception {
        try (var sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 0L))) {
            sink.assigned();
            until(() -> {
                sink.polls();
                return Files.exists(path);
            });

            sink.polls(
                    sink.record(BLOCKS, 7, null),
                    sink.record(BLOCKS, "sasl_user:x", "text"),
                    sink.word("sasl_user:" + THIEF, "block"));

            assertThat(sink.reported).hasSize(2);
            assertThat(PolicyMap.read(path, THIEF)).isPresent();
        }
    }

    @Test
    void aSecondTaskIsRefusedAndTheFirstGoesOn() throws Exception {
        try (var first = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 0L))) {
            first.assigned();
            until(() -> {
                first.polls();
                return Files.exists(path);
            });

            assertThatThrownBy(() -> new SinkDriver(path, (client, partitions) -> Map.of()))
                    .hasMessageContaining("another task in this process writes");

            first.polls(first.block("sasl_user:" + THIEF, "reject"));
            assertThat(PolicyMap.read(path, THIEF)).isPresent();
        }
    }

    @Test
    void wrongSettingsFailAtStartAndAreNamed() {
        assertThatThrownBy(() -> start(Map.of("policy.bootstrap.servers", "127.0.0.1:1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.map.path");
        assertThatThrownBy(() -> start(settings("policy.never.block", "ceo, two words")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.never.block")
                .hasMessageContaining("two words");
        assertThatThrownBy(() -> start(settings("policy.text.reject", "")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("policy.text.reject");
    }

    private static void start(Map<String, String> settings) {
        new PolicySinkConnector().start(settings);
    }

    private Map<String, String> settings(String key, String value) {
        Map<String, String> result = new HashMap<>();
        result.put("policy.map.path", path.toString());
        result.put("policy.bootstrap.servers", "127.0.0.1:1");
        result.put(key, value);
        return result;
    }

    private void leftFromBefore() throws IOException {
        try (PolicyMap map = PolicyMap.open(path, 1 << 20)) {
            map.rebuild(Map.of(THIEF, new Entry("REJECT 5.7.1 no [pb:1]", Entry.NEVER))::forEach);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
