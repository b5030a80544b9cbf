package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthTest {

    private static final TopicPartition STATE = new TopicPartition("subject-states-changelog", 3);

    private final Restoration restoration = new Restoration();
    private boolean registryAway;
    private KafkaStreams streams;
    private final Health health = new Health(() -> streams, () -> "Kafka at mx1:9092", () -> registryAway, restoration);

    @AfterEach
    void stop() {
        if (streams != null) {
            streams.close();
        }
    }

    @Test
    void waitingIsLiveButNotReadyAndSaysForWhat() {
        assertThat(health.live()).isEqualTo(new Health.Answer(true, "waiting for Kafka at mx1:9092"));
        assertThat(health.ready()).isEqualTo(new Health.Answer(false, "waiting for Kafka at mx1:9092"));
    }

    @Test
    void whatCannotStartIsNotLive() {
        health.failed("partitions is 3, but the topics have 12");

        assertThat(health.live().good()).isFalse();
        assertThat(health.ready().reason()).contains("partitions is 3");
    }

    @Test
    void restoringIsNotReadyAndSaysHowMuchIsLeft() {
        streams = unstarted();
        restoration.onRestoreStart(STATE, "subject-states", 100, 1100);

        restoration.onBatchRestored(STATE, "subject-states", 400, 300);

        assertThat(health.live().good()).isTrue();
        assertThat(health.ready())
                .isEqualTo(new Health.Answer(false, "restoring state: 700 records in 1 partitions to go"));
        restoration.onRestoreEnd(STATE, "subject-states", 1000);
        assertThat(health.ready().reason()).isEqualTo("CREATED");
    }

    @Test
    void aTopologyThatStoppedByItselfIsNotLive() {
        streams = unstarted();
        streams.close();

        assertThat(health.live()).isEqualTo(new Health.Answer(false, "stopped: NOT_RUNNING"));
    }

    private static KafkaStreams unstarted() {
        var builder = new StreamsBuilder();
        builder.stream("t").to("u");
        var p = new Properties();
        p.put("application.id", "health-test");
        p.put("bootstrap.servers", "127.0.0.1:1");
        return new KafkaStreams(builder.build(), p);
    }
}
