package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two mail hosts on one stack: log lines in, map entries out. */
@Timeout(180)
class LocalStackIT {

    private static final String THIEF = Thief.ACCOUNT;

    @TempDir
    private Path dir;

    @Test
    void aThiefOnOneHostIsBlockedOnBothAndReleasedAndTheBlockOutlivesARestart() throws Exception {
        var mx1 = host("mx1");
        var mx2 = host("mx2");
        try (LocalStack stack = LocalStack.start(config(mx1, mx2), part -> {})) {
            Operator.awaits("the detector runs", stack::ready);

            Thief.steals(mx1.log(), 60);

            Operator.awaits(
                    "both hosts refuse the account",
                    () -> entry(mx1).isPresent() && entry(mx2).isPresent());
            assertThat(entry(mx1).orElseThrow()).contains("[pb:");
            assertThat(read(mx1, "anna@my-domain.net")).isEmpty();
        }
        assertThat(entry(mx1))
                .as("the block holds while everything of ours is down")
                .isPresent();

        try (LocalStack stack = LocalStack.start(config(mx1, mx2), part -> {})) {
            Operator.awaits("the detector runs again", stack::ready);
            assertThat(entry(mx2)).isPresent();

            Operator.unblocks(stack, THIEF);

            Operator.awaits(
                    "both hosts let the owner in",
                    () -> entry(mx1).isEmpty() && entry(mx2).isEmpty());
        }
    }

    @Test
    void poisonedRecordsAreKeptAsideAndTheStreamGoesOn() throws Exception {
        var mx1 = host("mx1");
        try (LocalStack stack = LocalStack.start(config(mx1), part -> {})) {
            Operator.awaits("the detector runs", stack::ready);
            byte[] poison = {0, 0, 0, 0, 99, 1, 2, 3};
            for (String topic : List.of(
                    Topics.MAIL_EVENTS.name(), Topics.FINDINGS.name(), Topics.OVERRIDES.name(), Topics.BLOCKS.name())) {
                poisons(stack, topic, poison);
            }

            Thief.steals(mx1.log(), 60);

            Operator.awaits(
                    "the thief is refused all the same", () -> entry(mx1).isPresent());
            // Three topics that the detector reads, two that the enforcer reads.
            Operator.awaits(
                    "all poisoned records are kept", () -> deadLetters(stack).size() >= 5);
            assertThat(deadLetters(stack)).allSatisfy(value -> assertThat(value).isEqualTo(poison));
        }
    }

    private static void poisons(LocalStack stack, String topic, byte[] value) throws Exception {
        try (var producer = new KafkaProducer<>(
                new HashMap<String, Object>(stack.access().kafka()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, "sasl_user:x@my-domain.net", value))
                    .get();
        }
    }

    private static List<byte[]> deadLetters(LocalStack stack) {
        var partition = new TopicPartition(Topics.DEAD_LETTER, 0);
        List<byte[]> result = new ArrayList<>();
        Map<String, Object> settings = new HashMap<>(stack.access().kafka());
        settings.put("isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(r -> result.add(r.value()));
            }
        }
        return result;
    }

    private LocalConfig.Host host(String id) throws IOException {
        return new LocalConfig.Host(id, Files.createFile(dir.resolve(id + ".log")), dir.resolve(id + ".lmdb"));
    }

    private LocalConfig config(LocalConfig.Host... hosts) {
        return new LocalConfig(
                List.of(hosts), dir.resolve("data"), 0, 0, null, -1, List.of(), DetectionConfig.defaults());
    }

    private static Optional<String> entry(LocalConfig.Host host) {
        return read(host, THIEF);
    }

    private static Optional<String> read(LocalConfig.Host host, String key) {
        return PolicyMap.read(host.map(), key);
    }
}
