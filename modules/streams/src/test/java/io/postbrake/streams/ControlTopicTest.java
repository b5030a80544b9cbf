package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.control.Control;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.geo.GeoLookup;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlTopicTest {
    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");
    private static final String KEY = "sasl_user:user@my-domain.net";

    @TempDir
    private Path dir;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private DetectorTopology topology;
    private TopologyTestDriver driver;
    private TestInputTopic<String, MailEvent> events;
    private TestInputTopic<String, Control> control;
    private TestOutputTopic<String, Block> blocks;
    private int sent;

    @BeforeEach
    void start() {
        new SchemaAdmin(registry).register();
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        p.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
        topology = new DetectorTopology(
                p,
                1,
                registry,
                GeoLookup.none(),
                DetectionConfig.defaults(),
                new DetectorMeters(new io.micrometer.core.instrument.simple.SimpleMeterRegistry()));
        driver = new TopologyTestDriver(topology.get(), p, START);
        events = driver.createInputTopic(
                Topics.MAIL_EVENTS.name(),
                new StringSerializer(),
                WireSerde.of(registry, MailEvent.class).serializer());
        control = driver.createInputTopic(
                Topics.CONTROL.name(),
                new StringSerializer(),
                WireSerde.of(registry, Control.class).serializer());
        blocks = driver.createOutputTopic(
                Topics.BLOCKS.name(),
                new StringDeserializer(),
                WireSerde.of(registry, Block.class).deserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void aStricterLimitHoldsFromTheNextMessageOnWithWhatWasCountedBefore() {
        sends(6);
        assertThat(blocks.isEmpty()).isTrue();

        says(Map.of("detectors.velocity-ceiling.messages-per-hour", 7));
        sends(2);

        assertThat(blocks.readKeyValuesToList()).isNotEmpty().allMatch(b -> b.key.equals(KEY));
    }

    @Test
    void aWrongRecordIsCountedAndWhatHeldBeforeStays() {
        says(Map.of("detectors.velocity-ceiling.messages-per-hour", 7));

        control.pipeInput(
                RuntimeConfig.CONFIGURATION,
                Control.newBuilder(record(Map.of()))
                        .setSettings(Map.of("detectors.velocity-ceiling.messages-per-hour", "many"))
                        .build());
        driver.createInputTopic(Topics.CONTROL.name(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput(RuntimeConfig.CONFIGURATION, new byte[] {1, 2, 3});
        sends(8);

        assertThat(topology.refusedControls()).isEqualTo(1);
        assertThat(blocks.isEmpty()).isFalse();
    }

    @Test
    void aDomainThatIsAllowedLiftsTheBlocksOfItsAccountsWithinATick() {
        sends(51);
        assertThat(blocks.readKeyValuesToList()).isNotEmpty();
        var entry = AllowList.Entry.of("domains", "my-domain.net", "moving", null);

        control.pipeInput(
                RuntimeConfig.key(entry),
                Control.newBuilder(record(Map.of()))
                        .setAllow(RuntimeConfig.records(List.of(entry)))
                        .build());
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        assertThat(blocks.readKeyValuesToList()).containsExactly(KeyValue.pair(KEY, null));
    }

    private void says(Map<String, Object> keys) {
        control.pipeInput(RuntimeConfig.CONFIGURATION, record(keys));
    }

    private static Control record(Map<String, Object> keys) {
        return RuntimeConfig.record(keys)
                .setActor("ann")
                .setReason("test")
                .setAt(START)
                .build();
    }

    private void sends(int messages) {
        for (int i = 0; i < messages; i++, sent++) {
            String id = "Q" + sent;
            Instant at = START.plusSeconds(30L * sent);
            events.pipeInput(
                    "mx1",
                    event("client", id, at, 2L * sent)
                            .setClientIp("201.91.101.26")
                            .setSaslUsername("user@my-domain.net")
                            .build(),
                    at);
            events.pipeInput(
                    "mx1", event("queued", id, at, 2L * sent + 1).setNrcpt(1L).build(), at);
        }
    }

    private static MailEvent.Builder event(String kind, String id, Instant at, long position) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("file-1")
                .setGeneration(0)
                .setPosition(position)
                .setQueueId(id)
                .setOccurredAt(at)
                .setReadAt(at);
    }
}
