package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.block.Block;
import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.geo.GeoLookup;
import io.postbrake.wire.Bounds;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands on a topic that the detector reads, it is put aside, and a thief who comes after it is blocked. */
class PoisonTest {
    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");
    private static final String THIEF = "sasl_user:user@my-domain.net";

    @TempDir
    private Path dir;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    /** Of the topics and stores that Streams has no producer for. */
    private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();

    private TopologyTestDriver driver;
    private TestInputTopic<String, MailEvent> events;
    private TestOutputTopic<byte[], byte[]> deadLetters;
    private TestOutputTopic<String, Block> blocks;
    private int sent;

    @BeforeEach
    void start() {
        new SchemaAdmin(registry).register();
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "pb");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        BadRecords.handle(p, meters, Topics.DEAD_LETTER, letters::add);
        var topology = new DetectorTopology(
                p, 1, registry, GeoLookup.none(), DetectionConfig.defaults(), new DetectorMeters(meters));
        driver = new TopologyTestDriver(topology.get(), p, START);
        events = driver.createInputTopic(
                Topics.MAIL_EVENTS.name(),
                new StringSerializer(),
                WireSerde.of(registry, MailEvent.class).serializer());
        deadLetters =
                driver.createOutputTopic(Topics.DEAD_LETTER, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        blocks = driver.createOutputTopic(
                Topics.BLOCKS.name(),
                new StringDeserializer(),
                WireSerde.of(registry, Block.class).deserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    /** Topics that are read, with the names that metrics know them by. */
    private static Map<String, String> topics() {
        Map<String, String> topics = new LinkedHashMap<>();
        Stream.of(
                        Topics.MAIL_EVENTS,
                        Topics.FINDINGS,
                        Topics.OVERRIDES,
                        Topics.ENFORCEMENT,
                        Topics.PROFILES,
                        Topics.CONTROL)
                .forEach(t -> topics.put(t.name(), t.name()));
        Stream.of("by-subject", "waiting-mail-by-subject", "all-hosts")
                .forEach(name -> topics.put("pb-" + name + "-repartition", name));
        return topics;
    }

    private static Map<String, Function<InMemorySchemaRegistry, byte[]>> poisons() {
        Map<String, Function<InMemorySchemaRegistry, byte[]>> poisons = new LinkedHashMap<>();
        poisons.put("nothing", r -> new byte[0]);
        poisons.put("a text", r -> "no Avro".getBytes(StandardCharsets.UTF_8));
        poisons.put("as much as a broker takes", r -> new byte[1 << 20]);
        poisons.put("an id that no schema has", r -> record(77_777));
        poisons.put("a schema of somebody else", r -> record(id(r, Schema.create(Schema.Type.STRING)), 2, 'a'));
        poisons.put(
                "a schema with a list of nothing",
                r -> record(id(r, Schema.createArray(Schema.create(Schema.Type.NULL))), 6, 0));
        poisons.put("no record", r -> record(1));
        poisons.put("a text longer than the record", r -> record(1, 100, 'a'));
        return poisons;
    }

    private static int id(InMemorySchemaRegistry registry, Schema type) {
        return registry.register(
                "foreign-" + type.getType() + "-value",
                SchemaBuilder.record("Foreign")
                        .fields()
                        .name("theirs")
                        .type(type)
                        .noDefault()
                        .endRecord());
    }

    private static byte[] record(int id, int... bytes) {
        ByteBuffer record = ByteBuffer.allocate(5 + bytes.length).put((byte) 0).putInt(id);
        Arrays.stream(bytes).forEach(b -> record.put((byte) b));
        return record.array();
    }

    static Stream<String> topicsThatAreRead() {
        return topics().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("topicsThatAreRead")
    void everyPoisonIsPutAsideAndTheDetectorGoesOn(String topic) {
        // Given
        List<byte[]> poisons =
                poisons().values().stream().map(make -> make.apply(registry)).toList();
        // When
        poisons.forEach(bytes -> raw(topic).pipeInput("sasl_user:anna@example.org", bytes, START));
        // Then
        assertThat(count(topics().get(topic), "read")).isEqualTo(poisons.size());
        List<Letter> letters = letters();
        assertThat(letters)
                .extracting(Letter::value)
                .containsExactlyElementsOf(poisons.stream()
                        .map(bytes -> Arrays.copyOf(bytes, Math.min(bytes.length, Bounds.LONGEST_VALUE)))
                        .toList());
        assertThat(letters)
                .extracting(letter -> letter.header("__streams.errors.offset"))
                .containsExactlyElementsOf(IntStream.range(0, poisons.size())
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(letters).allSatisfy(letter -> {
            assertThat(letter.header("__streams.errors.topic")).isEqualTo(topic);
            assertThat(letter.header("__streams.errors.message")).isNotBlank();
        });
        theThiefIsBlocked();
    }

    @Test
    void saysHowLongARecordWasThatHadToBeCut() {
        // When
        raw(Topics.MAIL_EVENTS.name()).pipeInput("mx1", new byte[1 << 20], START);
        // Then
        assertThat(letters().get(0).header(DeadLetter.WHOLE_LENGTH)).isEqualTo(String.valueOf(1 << 20));
    }

    static Stream<String> topicsWhoseKeysAreRead() {
        return topics().keySet().stream().filter(topic -> !topic.equals(Topics.CONTROL.name()));
    }

    @ParameterizedTest
    @MethodSource("topicsWhoseKeysAreRead")
    void aKeyLongerThanAnyOfOursIsPutAsideAndARecordOfNothingStopsNobody(String topic) {
        // When
        raw(topic).pipeInput(null, null, START);
        raw(topic).pipeInput("k".repeat(100_000), null, START);
        // Then
        assertThat(count(topics().get(topic), "read")).isEqualTo(1);
        assertThat(letters()).anyMatch(letter -> letter.key() != null && letter.key().length == Bounds.LONGEST_KEY);
        theThiefIsBlocked();
    }

    @Test
    void anEventWhoseLoginIsLongerThanAnyKeyIsPutAside() {
        // When
        events.pipeInput(
                "mx1",
                event("client", "Q", START, 0)
                        .setSaslUsername("a".repeat(500_000))
                        .build(),
                START);
        // Then
        assertThat(deadLetters.isEmpty()).isFalse();
        assertThat(meters.get("postbrake.bad.records").tag("stage", "write").counters().stream()
                        .mapToDouble(Counter::count)
                        .sum())
                .isPositive();
        theThiefIsBlocked();
    }

    @Test
    void aRecordWithoutATimeIsOfTheBeginningOfTime() {
        // Given
        var record = new ConsumerRecord<Object, Object>("t", 0, 0, null, null);
        // When
        long time = new BadRecords.NoTimeBefore1970().extract(record, START.toEpochMilli());
        // Then
        assertThat(record.timestamp()).isNegative();
        assertThat(time).isZero();
    }

    @Test
    void anUnreadableControlRecordLeavesWhatHeldBefore() {
        // Given
        driver.createInputTopic(
                        Topics.CONTROL.name(),
                        new StringSerializer(),
                        WireSerde.of(registry, Control.class).serializer())
                .pipeInput(
                        RuntimeConfig.CONFIGURATION,
                        RuntimeConfig.record(Map.of("detectors.velocity-ceiling.messages-per-hour", 7))
                                .setActor("ann")
                                .setReason("test")
                                .setAt(START)
                                .build());
        raw(Topics.CONTROL.name()).pipeInput(RuntimeConfig.CONFIGURATION, new byte[] {1, 2, 3}, START);
        // When
        sends(8);
        // Then
        assertThat(blocks.readKeyValuesToList()).anyMatch(b -> b.key.equals(THIEF));
    }

    private void theThiefIsBlocked() {
        sends(51);
        assertThat(blocks.readKeyValuesToList()).anyMatch(b -> b.key.equals(THIEF));
    }

    private void sends(int messages) {
        for (int end = sent + messages; sent < end; sent++) {
            String id = "Q" + sent;
            Instant at = START.plusSeconds(6L * sent);
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

    private double count(String topic, String stage) {
        return meters.get("postbrake.bad.records")
                .tags("topic", topic, "stage", stage)
                .counter()
                .count();
    }

    private TestInputTopic<String, byte[]> raw(String topic) {
        return driver.createInputTopic(topic, new StringSerializer(), new ByteArraySerializer());
    }

    private record Letter(byte[] key, byte[] value, Headers headers) {
        String header(String name) {
            Header header = headers.lastHeader(name);
            return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
        }
    }

    /** The dead letters, whoever wrote them. */
    private List<Letter> letters() {
        List<Letter> all = new ArrayList<>();
        letters.forEach(l -> all.add(new Letter(l.key(), l.value(), l.headers())));
        deadLetters.readRecordsToList().forEach(l -> all.add(new Letter(l.key(), l.value(), l.headers())));
        return all;
    }
}
