package io.postbrake.compactedtopic;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ends of transactional topics on a real broker. */
class TopicEndsIT {

    @TempDir
    private static Path dir;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start(dir, 0);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void markersAndAbortedRecordsAtTheEndAreNotWaitedFor() throws Exception {
        TopicPartition partition = topic();
        transaction(partition, 3, true);
        transaction(partition, 200, false);

        // Three records and the marker of the commit, then 200 records and the marker of the abort.
        assertThat(endOf(partition)).isEqualTo(3);
    }

    @Test
    void aTopicWithNothingCommittedEndsAtItsBeginning() throws Exception {
        TopicPartition empty = topic();
        TopicPartition aborted = topic();
        transaction(aborted, 5, false);

        assertThat(endOf(empty)).isZero();
        assertThat(endOf(aborted)).isZero();
    }

    private static long endOf(TopicPartition partition) {
        return TopicEnds.of(Map.of("bootstrap.servers", broker.bootstrapServers()), List.of(partition))
                .get(partition);
    }

    private static TopicPartition topic() throws Exception {
        var partition = new TopicPartition("t-" + UUID.randomUUID(), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1)))
                    .all()
                    .get();
        }
        return partition;
    }

    private static void transaction(TopicPartition partition, int records, boolean commit) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "transactional.id", UUID.randomUUID().toString()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), "k" + i, "v"));
            }
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }
}
