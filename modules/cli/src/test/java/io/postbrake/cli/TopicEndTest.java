package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands in a topic is read to its end, or it is said that it cannot be. */
class TopicEndTest {

    private static final TopicPartition PARTITION = new TopicPartition("abuse.blocks.v1", 0);

    private final MockConsumer<String, String> consumer = new MockConsumer<>("earliest");
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void begin() {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, 0, "k", "one"));
        consumer.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, 1, "k", "two"));
    }

    @Test
    void allIsReadUpToTheEnd() {
        TopicEnd.read(consumer, Map.of(PARTITION, 2L), Duration.ofMinutes(1), record -> seen.add(record.value()));

        assertThat(seen).containsExactly("one", "two");
    }

    @Test
    void anEmptyTopicIsAtItsEnd() {
        TopicEnd.read(consumer, Map.of(PARTITION, 0L), Duration.ofMinutes(1), record -> seen.add(record.value()));

        assertThat(seen).isEmpty();
    }

    @Test
    void brokersThatDieOnTheWayAreNotWaitedForForever() {
        Throwable failed = catchThrowable(() -> TopicEnd.read(
                consumer, Map.of(PARTITION, 5L), Duration.ofMillis(50), record -> seen.add(record.value())));

        assertThat(failed)
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("abuse.blocks.v1")
                .hasMessageContaining("3 of its offsets");
        assertThat(seen).containsExactly("one", "two");
    }
}
