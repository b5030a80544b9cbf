package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real Connect worker puts into the topic is what the Streams serde would have put there. */
@Timeout(180)
class Semantics04ConnectIT {

    @TempDir
    private Path dir;

    @Test
    void theShippersBytesAreTheSerdesAndNothingIsRegistered() throws Exception {
        // Given
        Path log = Files.writeString(
                dir.resolve("mx1.log"),
                "2026-11-24T10:00:00.000000+00:00 mx1 postfix/submission/smtpd[7]: 4bXYZ12345z:"
                        + " client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=anna@my-domain.net\n");
        var config = new LocalConfig(
                List.of(new LocalConfig.Host("mx1", log, null)),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                List.of(),
                DetectionConfig.defaults());
        // When
        try (LocalStack stack = LocalStack.start(config, part -> {});
                var registry = ConfluentSchemaRegistry.connect(
                        stack.access().registryUrl(), stack.access().registry())) {
            List<ConsumerRecord<String, byte[]>> events = new ArrayList<>();
            try (var consumer = new KafkaConsumer<>(
                    new HashMap<String, Object>(stack.access().kafka()),
                    new StringDeserializer(),
                    new ByteArrayDeserializer())) {
                var partition = List.of(new TopicPartition(Topics.MAIL_EVENTS.name(), 0));
                consumer.assign(partition);
                consumer.seekToBeginning(partition);
                Operator.awaits("the line is an event", () -> {
                    consumer.poll(Duration.ofMillis(100)).forEach(events::add);
                    return !events.isEmpty();
                });
            }
            // Then
            byte[] shipped = events.get(0).value();
            assertThat(events.get(0).key()).isEqualTo("mx1");
            assertThat(ByteBuffer.wrap(shipped).getInt(1))
                    .isEqualTo(registry.idOf(Topics.MAIL_EVENTS.subject(), Topics.MAIL_EVENTS.schema()));
            var serde = WireSerde.of(registry, MailEvent.class);
            MailEvent event = serde.deserializer().deserialize(Topics.MAIL_EVENTS.name(), shipped);
            assertThat(serde.serializer().serialize(Topics.MAIL_EVENTS.name(), event))
                    .isEqualTo(shipped);
            assertThat(versions(stack.access())).isEqualTo("[1]");
        }
    }

    private static String versions(ClusterAccess access) throws Exception {
        byte[] login = access.registry().get("basic.auth.user.info").getBytes(StandardCharsets.UTF_8);
        var uri = URI.create(access.registryUrl() + "/subjects/" + Topics.MAIL_EVENTS.subject() + "/versions");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header(
                                        "Authorization",
                                        "Basic " + Base64.getEncoder().encodeToString(login))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
