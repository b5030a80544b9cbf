package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectorTopologyTest {

    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");
    private static final String THIEF = "user@my-domain.net";

    @TempDir
    private Path dir;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DetectorMeters counted = new DetectorMeters(meters);
    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private TopologyTestDriver driver;
    private TestInputTopic<String, MailEvent> events;
    private TestInputTopic<String, OperatorOverride> overrides;
    private TestOutputTopic<String, Block> blocks;
    private TestOutputTopic<String, Submission> submissions;
    private long position;

    @BeforeEach
    void start() {
        new SchemaAdmin(registry).register();
        driver = new TopologyTestDriver(topology().get(), properties(), START);
        events = input(Topics.MAIL_EVENTS);
        overrides = input(Topics.OVERRIDES);
        blocks = output(Topics.BLOCKS);
        submissions = output(Topics.MAIL_SUBMISSIONS);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void theFleetsWordOfTheBrakeGoesToEveryPartitionAndAllElseByItsKey() {
        assertThat(DetectorTopology.partitions("abuse.findings.v1", Brake.KEY, null, 3))
                .contains(Set.of(0, 1, 2));
        assertThat(DetectorTopology.partitions("abuse.findings.v1", "fleet:all", null, 3))
                .isEmpty();
        assertThat(DetectorTopology.partitions("abuse.findings.v1", "sasl_user:fleet:brake", null, 3))
                .isEmpty();
    }

    @Test
    void whatOneHostAloneSaysBlocksOnThatHostAloneOnceItsBudgetIsUsedUp() {
        driver.close();
        driver = new TopologyTestDriver(
                topology(DetectionConfig.of(Map.of("brake.host.accounts.most", 1)))
                        .get(),
                properties(),
                START);
        events = input(Topics.MAIL_EVENTS);
        blocks = output(Topics.BLOCKS);
        sends("first@my-domain.net", 51);
        sends("second@my-domain.net", 51, 102);

        Map<String, String> where = new TreeMap<>();
        blocks.readKeyValuesToList().forEach(b -> where.put(b.key, String.valueOf(b.value.getOnlyHost())));

        assertThat(where)
                .isEqualTo(Map.of("sasl_user:first@my-domain.net", "null", "sasl_user:second@my-domain.net", "mx1"));
        assertThat(counted.brakes().values())
                .as("what the gauge shows, at the time of the mail")
                .allSatisfy(brake -> assertThat(brake.hosts("sasl_user", START.plusSeconds(620)))
                        .isEqualTo(1));
    }

    @Test
    void aThiefAtTheSeedsPaceIsBlocked() {
        sends(THIEF, 51);

        List<KeyValue<String, Block>> seen = blocks.readKeyValuesToList();
        assertThat(seen).isNotEmpty();
        assertThat(seen.get(0).key).isEqualTo("sasl_user:" + THIEF);
        assertThat(seen.get(0).value.getEndsAt()).isAfter(START.plusSeconds(60));
    }

    @ParameterizedTest
    @CsvSource({
        "mail.events.v1, mail.events.v1",
        "pb-by-subject-repartition, by-subject",
        "pb-waiting-mail-by-subject-repartition, waiting-mail-by-subject",
        "pb-all-hosts-repartition, all-hosts"
    })
    void whatIsReadHasANameOfItsOwn(String topic, String source) {
        assertThat(DetectorTopology.source(topic)).contains(source);
    }

    @Test
    void anAllowedAccountIsNeverBlocked() {
        says("allow", THIEF, START);

        sends(THIEF, 120);
        sends("another@my-domain.net", 120, 240);

        assertThat(blocks.readKeyValuesToList())
                .as("the other, who does the same and is not allowed to")
                .isNotEmpty()
                .allSatisfy(b -> assertThat(b.key).isEqualTo("sasl_user:another@my-domain.net"));
    }

    @Test
    void unblockLiftsAtOnceAndOldEvidenceIsSpent() {
        sends(THIEF, 51);
        blocks.readKeyValuesToList();

        says("unblock", THIEF, START.plusSeconds(6 * 52));

        assertThat(blocks.readKeyValuesToList()).containsExactly(KeyValue.pair("sasl_user:" + THIEF, null));
    }

    @Test
    void whoIsForgottenBeginsAnewAndNothingOlderComesBack() {
        KeyValueStore<String, SubjectState> states = driver.getKeyValueStore(DetectorTopology.SUBJECT_STATES);
        TestOutputTopic<String, Alert> alerts = output(Topics.ALERTS);
        says("allow", THIEF, START); // So that there is an incident, and no block.
        sends(THIEF, 60);
        List<KeyValue<String, Alert>> told = alerts.readKeyValuesToList();
        assertThat(told).extracting(kv -> kv.value.getState()).contains("FIRING");
        Instant at = START.plusSeconds(400);

        overrides.pipeInput("sasl_user:" + THIEF, null, at);
        overrides.pipeInput("forget:sasl_user:" + THIEF, word("forget", THIEF, at), at);

        SubjectState left = states.get("sasl_user:" + THIEF);
        assertThat(left.getMessages()).isZero();
        assertThat(left.getIncident()).isNull();
        assertThat(left.getWord()).isNull();
        assertThat(left.getForgottenAt()).isEqualTo(at);
        List<KeyValue<String, Alert>> end = alerts.readKeyValuesToList();
        assertThat(end.get(0).value.getResolution()).isEqualTo("forgotten");
        assertThat(end.get(end.size() - 1)).as("the alert is removed").isEqualTo(KeyValue.pair(told.get(0).key, null));
        assertThat(driver.getKeyValueStore(EndedIncidents.STORE).all()).isExhausted();
        sends(THIEF, 61, 63);
        assertThat(states.get("sasl_user:" + THIEF).getMessages()).isZero();
        sends(THIEF, 500, 501);
        assertThat(states.get("sasl_user:" + THIEF).getMessages()).isEqualTo(1);
        assertThat(count("postbrake.overrides", "verb", "forget")).isEqualTo(1);
    }

    @Test
    void whoIsBlockedIsNotForgotten() {
        sends(THIEF, 51);
        blocks.readKeyValuesToList();
        Instant at = START.plusSeconds(6 * 52);

        overrides.pipeInput("forget:sasl_user:" + THIEF, word("forget", THIEF, at), at);

        assertThat(blocks.readKeyValuesToList()).isEmpty();
        assertThat(blocksInForce()).isEqualTo(1);
    }

    @Test
    void aSilentAccountsBlockEndsOnAnIdleTopic() {
        sends(THIEF, 51);
        List<Block> put = blocks.readValuesToList();

        Instant end = put.get(put.size() - 1).getEndsAt();
        driver.advanceWallClockTime(Duration.between(START, end).plusMinutes(5));
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        assertThat(blocks.readKeyValuesToList()).contains(KeyValue.pair("sasl_user:" + THIEF, null));
    }

    @Test
    void aPositionThatWasSeenIsDropped() {
        MailEvent client = client("anna@my-domain.net", "A1", 0);
        events.pipeInput("mx1", client);

        events.pipeInput("mx1", client);

        assertThat(submissions.readValuesToList()).hasSize(1);
    }

    @Test
    void whatHappensIsCounted() {
        sends(THIEF, 51);
        says("unblock", THIEF, START.plusSeconds(6 * 52));

        assertThat(count("postbrake.events", "kind", "client")).isEqualTo(51);
        assertThat(count("postbrake.submissions", "phase", "ACCEPTED")).isEqualTo(51);
        assertThat(count("postbrake.findings", "detector", "velocity-ceiling")).isPositive();
        assertThat(count("postbrake.alerts", "state", "FIRING")).isEqualTo(1);
        assertThat(count("postbrake.blocks", "change", "begun")).isEqualTo(1);
        assertThat(count("postbrake.blocks.ended", "cause", "unblock")).isEqualTo(1);
        assertThat(count("postbrake.overrides", "verb", "unblock")).isEqualTo(1);
        assertThat(meters.get("postbrake.line.to.decision")
                        .tag("since", "read")
                        .timer()
                        .count())
                .isPositive();
        // Nothing that was sent can have been judged later than this test took.
        assertThat(meters.get("postbrake.line.to.judgement").timer().max(TimeUnit.SECONDS))
                .isLessThan(60);
    }

    @Test
    void whatIsOpenIsShown() {
        sends(THIEF, 51);
        assertThat(blocksInForce()).isEqualTo(1);
        assertThat(gauges("postbrake.incidents.open")).isEqualTo(1);

        says("unblock", THIEF, START.plusSeconds(6 * 52));

        assertThat(blocksInForce()).isZero();
        assertThat(gauges("postbrake.incidents.open")).isZero();
    }

    @Test
    void mailThatAHostBeganToTakeAfterItSaidThatItHasTheBlockIsCounted() {
        TestInputTopic<String, EnforcementReport> reports = input(Topics.ENFORCEMENT);
        reports.pipeInput("mx1", hostSays("host").build(), START);
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        sends(THIEF, 51);
        Block block = blocks.readValuesToList().get(0);
        reports.pipeInput(
                "mx1/" + block.getBlockId(),
                confirms(block).setWrittenAt(START.plusSeconds(6 * 58)).build(),
                START);

        // Read now, as by a detector that was away: what was begun up to ten seconds after the confirmation proves
        // nothing.
        sends(THIEF, 51, 64);

        assertThat(meters.get("postbrake.accepted.under.block").counter().count())
                .isEqualTo(4);
    }

    @Test
    void mailThatAHostAcceptsWhichNeverSaidThatItHasTheBlockIsNotCounted() {
        input(Topics.ENFORCEMENT).pipeInput("mx1", hostSays("host").build(), START);
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        sends(THIEF, 70);

        assertThat(meters.get("postbrake.accepted.under.block").counter().count())
                .isZero();
    }

    @Test
    void aHostThatSaysItHasTheBlockAndAcceptsMailIsAnIncident() {
        TestInputTopic<String, EnforcementReport> reports = input(Topics.ENFORCEMENT);
        TestOutputTopic<String, Alert> alerts = output(Topics.ALERTS);
        reports.pipeInput("mx1", hostSays("host").build(), START);
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        sends(THIEF, 51);
        Block block = blocks.readValuesToList().get(0);
        reports.pipeInput("mx1/" + block.getBlockId(), confirms(block).build(), START);
        alerts.readValuesToList();

        sends(THIEF, 60, 62);
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        assertThat(alerts.readValuesToList())
                .filteredOn(alert -> alert.getSubjectType().equals("host"))
                .singleElement()
                .satisfies(alert -> {
                    assertThat(alert.getSubject()).isEqualTo("mx1");
                    assertThat(alert.getTitle()).contains("not obeyed");
                    assertThat(alert.getDescription()).contains(THIEF);
                });
    }

    @Test
    void anAuthenticationServerThatIsAwayIsToldOnceForItsHost() {
        TestOutputTopic<String, Alert> alerts = output(Topics.ALERTS);
        for (int i = 0; i < 60; i++) {
            events.pipeInput("mx1", login("auth_failed", i, "Temporary authentication failure"));
        }
        assertThat(alerts.readValuesToList()).singleElement().satisfies(alert -> {
            assertThat(alert.getSubjectType()).isEqualTo("auth_server");
            assertThat(alert.getSubject()).isEqualTo("mx1");
            assertThat(alert.getState()).isEqualTo("FIRING");
        });

        events.pipeInput("mx1", login("auth_failed", 61, null));
        events.pipeInput("mx1", login("auth_failed", 62, null));

        assertThat(alerts.readValuesToList())
                .extracting(Alert::getState, Alert::getResolution)
                .containsExactly(tuple("RESOLVED", "restored"));
    }

    private MailEvent login(String kind, int second, String reason) {
        Instant at = START.plusSeconds(second);
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("log")
                .setGeneration(0)
                .setPosition(++position)
                .setOccurredAt(at)
                .setReadAt(at)
                .setClientIp("198.51.100." + second)
                .setSaslMethod("PLAIN")
                .setReason(reason)
                .build();
    }

    private static EnforcementReport.Builder confirms(Block block) {
        return hostSays("block")
                .setSubjectType("sasl_user")
                .setSubject(THIEF)
                .setBlockId(block.getBlockId().toString())
                .setDecidedAt(block.getDecidedAt());
    }

    private static EnforcementReport.Builder hostSays(String kind) {
        return EnforcementReport.newBuilder().setHostId("mx1").setKind(kind).setAt(START);
    }

    private double count(String name, String tag, String value) {
        return meters.get(name).tag(tag, value).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private double blocksInForce() {
        return gauges("postbrake.blocks.in.force");
    }

    private double gauges(String name) {
        return meters.get(name).gauges().stream().mapToDouble(Gauge::value).sum();
    }

    @Test
    void theTopologyIsTheOneOnRecord() throws IOException {
        String described = topology().get().describe().toString();
        Files.writeString(Path.of("target/topology.txt"), described);

        try (InputStream in = getClass().getResourceAsStream("/topology.txt")) {
            assertThat(described.strip()).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
    }

    private void sends(String account, int messages) {
        sends(account, 0, messages);
    }

    private void sends(String account, int first, int end) {
        for (int i = first; i < end; i++) {
            String id = "Q" + i;
            events.pipeInput("mx1", client(account, id, 6L * i), START.plusSeconds(6L * i));
            events.pipeInput("mx1", queued(account, id, 6L * i + 1), START.plusSeconds(6L * i + 1));
        }
    }

    private void says(String verb, String account, Instant at) {
        overrides.pipeInput("sasl_user:" + account, word(verb, account, at), at);
    }

    private static OperatorOverride word(String verb, String account, Instant at) {
        return OperatorOverride.newBuilder()
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("postmaster")
                .setReason("test")
                .setAt(at)
                .build();
    }

    private MailEvent client(String account, String id, long second) {
        return event("client", id, second)
                .setService("smtpd")
                .setClientName("unknown")
                .setClientIp("201.91.101.26")
                .setSaslMethod("PLAIN")
                .setSaslUsername(account)
                .build();
    }

    private MailEvent queued(String account, String id, long second) {
        return event("queued", id, second)
                .setService("qmgr")
                .setFrom(account)
                .setSize(18836L)
                .setNrcpt(1L)
                .build();
    }

    private MailEvent.Builder event(String kind, String id, long second) {
        Instant at = START.plusSeconds(second);
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("file-1")
                .setGeneration(0)
                .setPosition(position++)
                .setQueueId(id)
                .setOccurredAt(at)
                .setReadAt(at);
    }

    private DetectorTopology topology() {
        return topology(DetectionConfig.defaults());
    }

    private DetectorTopology topology(DetectionConfig detection) {
        return new DetectorTopology(properties(), 1, registry, GeoLookup.none(), detection, counted);
    }

    private Properties properties() {
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        return p;
    }

    private <V extends SpecificRecord> TestInputTopic<String, V> input(Topic<V> topic) {
        return driver.createInputTopic(
                topic.name(),
                new StringSerializer(),
                WireSerde.of(registry, topic.type()).serializer());
    }

    private <V extends SpecificRecord> TestOutputTopic<String, V> output(Topic<V> topic) {
        return driver.createOutputTopic(
                topic.name(),
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
    }
}
