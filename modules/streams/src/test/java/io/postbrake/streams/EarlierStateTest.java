package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.HostsState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After an upgrade the detector goes on with what the build before it kept: nothing is forgotten, read otherwise or told anew. */
class EarlierStateTest {

    private static final String ANNA = "sasl_user:anna@my-domain.net";
    private static final String VICTIM = "sasl_user:victim@my-domain.net";
    private static final Instant NOW = Earlier.WHEN.plusSeconds(5);

    @TempDir
    private Path dir;

    private final InMemorySchemaRegistry registry = Earlier.registry();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TopologyTestDriver driver;
    private TestOutputTopic<String, Block> blocks;
    private TestOutputTopic<String, Alert> alerts;
    private long position;

    @BeforeEach
    void start() {
        new SchemaAdmin(registry).register();
        driver = new TopologyTestDriver(topology().get(), properties(), NOW);
        restore(CorrelateProcessor.MESSAGES, OpenMessage.class);
        restore(CorrelateProcessor.WATERMARKS, Watermark.class);
        restore(HostProcessor.STORE, HostsState.class);
        restore(HostReports.STORE, EnforcementReport.class);
        restore(EndedIncidents.STORE, Alert.class);
        blocks = output(Topics.BLOCKS);
        alerts = output(Topics.ALERTS);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void theNextMessageIsJudgedFromTheOldProfile() {
        SubjectState before = state(ANNA);

        sends("Anna@My-Domain.NET", "192.0.2.11", "NEXT");

        SubjectState after = state(ANNA);
        assertThat(before.getMessages()).isGreaterThan(20);
        assertThat(after.getMessages()).isEqualTo(before.getMessages() + 1);
        assertThat(after.getFirstSeenAt()).isEqualTo(before.getFirstSeenAt());
        assertThat(blocks.readKeyValuesToList()).isEmpty();
        assertThat(alerts.readKeyValuesToList()).isEmpty();
    }

    @Test
    void aMessageThatHadBegunIsGoneOnWith() {
        long before = state(ANNA).getMessages();
        var submissions = output(Topics.MAIL_SUBMISSIONS);

        pipe(event("queued", "A99999B35D").setService("qmgr").setSize(9L).setNrcpt(1L));

        assertThat(submissions.readValuesToList())
                .extracting(Submission::getAccount, Submission::getClientIp, Submission::getPhase)
                .containsExactly(tuple("anna@my-domain.net", "192.0.2.11", "ACCEPTED"));
        assertThat(state(ANNA).getMessages()).isEqualTo(before + 1);
    }

    @Test
    void whatWasReadBeforeIsNotCountedAgain() {
        var submissions = output(Topics.MAIL_SUBMISSIONS);

        Earlier.records("mail.events.v1").forEach(kept -> pipe(MailEvent.newBuilder(kept.as(MailEvent.class))));

        assertThat(submissions.readValuesToList()).isEmpty();
    }

    @Test
    void aBlockStandsUntilItsEndAndIsLiftedThen() {
        Instant end = state(VICTIM).getBlockUntil();
        driver.advanceWallClockTime(Duration.between(NOW, end.minusSeconds(2)));
        assertThat(blocks.readKeyValuesToList()).doesNotContain(KeyValue.pair(VICTIM, null));

        driver.advanceWallClockTime(Duration.ofSeconds(4));

        assertThat(blocks.readKeyValuesToList()).contains(KeyValue.pair(VICTIM, null));
    }

    @Test
    void anOpenIncidentIsGoneOnWithAndNotBegunAnew() {
        String incident = state(VICTIM).getIncident().getIncidentId().toString();

        for (int i = 0; i < 30; i++) {
            sends("victim@my-domain.net", "201.91.101.26", "MORE" + i);
        }
        driver.advanceWallClockTime(Duration.ofMinutes(2));

        assertThat(state(VICTIM).getIncident().getIncidentId().toString()).isEqualTo(incident);
        assertThat(alerts.readKeyValuesToList())
                .filteredOn(alert -> alert.value.getSubject().equals("victim@my-domain.net"))
                .extracting(alert -> alert.key)
                .isNotEmpty()
                .containsOnly(incident);
    }

    @Test
    void aLoginThatIsNamedOtherwiseNowGoesOnWithAllThatWasKept() {
        SubjectState before = state("sasl_user:straße@my-domain.net");
        long others = state("sasl_user:strasse@my-domain.net").getMessages();

        driver.advanceWallClockTime(Duration.ofSeconds(1));

        SubjectState after = state("sasl_user:strasse@my-domain.net");
        assertThat(before.getMessages()).isGreaterThan(others);
        assertThat(state("sasl_user:straße@my-domain.net")).isNull();
        assertThat(after.getMessages()).isEqualTo(before.getMessages());
        assertThat(after.getBlock().getBlockId()).isEqualTo(before.getBlock().getBlockId());
        assertThat(after.getBlockUntil()).isEqualTo(before.getBlockUntil());
        assertThat(after.getIncident().getIncidentId())
                .isEqualTo(before.getIncident().getIncidentId());
        List<KeyValue<String, Block>> told = blocks.readKeyValuesToList();
        assertThat(told)
                .extracting(block -> block.key, block -> block.value == null)
                .containsSubsequence(
                        tuple("sasl_user:strasse@my-domain.net", false), tuple("sasl_user:straße@my-domain.net", true));
        assertThat(alerts.readKeyValuesToList())
                .filteredOn(alert ->
                        alert.key.equals(before.getIncident().getIncidentId().toString()))
                .extracting(alert -> alert.value.getSubject())
                .containsExactly("strasse@my-domain.net");
    }

    @Test
    void anOperatorsWordGoesAlong() {
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        assertThat(state("sasl_user:οδόσ@my-domain.net").getWord().getAction()).isEqualTo("hold");
        assertThat(state("sasl_user:οδόσ@my-domain.net").getMessages()).isGreaterThan(20);
        assertThat(state("sasl_user:fin@my-domain.net").getWord().getVerb()).isEqualTo("block");
        assertThat(state("sasl_user:οδός@my-domain.net")).isNull();
        assertThat(state("sasl_user:ﬁn@my-domain.net")).isNull();
    }

    /** The commands of a terminal that is upgraded later than the detector. */
    @Test
    void aLiftUnderTheOldNameLiftsTheBlockOfTheNewOne() {
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        String incident = state("sasl_user:strasse@my-domain.net")
                .getIncident()
                .getIncidentId()
                .toString();
        blocks.readKeyValuesToList();
        alerts.readKeyValuesToList();

        driver.createInputTopic(
                        Topics.OVERRIDES.name(),
                        new StringSerializer(),
                        WireSerde.of(registry, OperatorOverride.class).serializer())
                .pipeInput(
                        "sasl_user:straße@my-domain.net",
                        OperatorOverride.newBuilder()
                                .setSubject("straße@my-domain.net")
                                .setSubjectType("sasl_user")
                                .setVerb("unblock")
                                .setActor("root@old-terminal")
                                .setReason("it was me")
                                .setAt(NOW.plusSeconds(2))
                                .build(),
                        NOW.plusSeconds(2));
        driver.advanceWallClockTime(Duration.ofSeconds(2));

        assertThat(state("sasl_user:strasse@my-domain.net").getBlock()).isNull();
        assertThat(state("sasl_user:straße@my-domain.net")).isNull();
        assertThat(blocks.readKeyValuesToList()).contains(KeyValue.pair("sasl_user:strasse@my-domain.net", null));
        assertThat(alerts.readKeyValuesToList())
                .filteredOn(alert -> alert.key.equals(incident))
                .last()
                .satisfies(alert -> assertThat(alert.value.getResolution()).isEqualTo("unblocked"));
    }

    @Test
    void whatGoesAlongIsNotLeftOnTheTopic() {
        var profiles = driver.createOutputTopic(
                Topics.PROFILES.name(),
                new StringDeserializer(),
                WireSerde.of(registry, SubjectState.class).deserializer());

        driver.advanceWallClockTime(Duration.ofSeconds(1));

        var newest = new HashMap<String, SubjectState>();
        profiles.readKeyValuesToList().forEach(profile -> newest.put(profile.key, profile.value));
        assertThat(newest)
                .containsOnlyKeys(
                        "sasl_user:strasse@my-domain.net",
                        "sasl_user:οδόσ@my-domain.net",
                        "sasl_user:fin@my-domain.net")
                .allSatisfy((key, profile) -> assertThat(profile).isNull());
    }

    @Test
    void theConfigurationInForceStaysInForce() {
        RuntimeConfig controls = RuntimeConfig.of(DetectionConfig.defaults());

        for (Earlier.Kept kept : Earlier.records("abuse.control.v1")) {
            controls = controls.with(kept.key(), kept.as(Control.class));
        }

        assertThat(controls.config().allow().entries())
                .extracting(entry -> entry.type() + " " + entry.subject())
                .contains("domains partner.example", "networks 203.0.113.0/24");
        assertThat(controls.replaced()).isTrue();
    }

    private SubjectState state(String key) {
        return driver.<String, SubjectState>getKeyValueStore(SubjectProcessor.STATES)
                .get(key);
    }

    private <V extends SpecificRecord> void restore(String store, Class<V> type) {
        KeyValueStore<String, V> stored = driver.getKeyValueStore(store);
        Earlier.records(store).forEach(kept -> stored.put(kept.key(), kept.as(type)));
    }

    private void sends(String login, String ip, String id) {
        pipe(event("client", id)
                .setService("smtpd")
                .setClientIp(ip)
                .setSaslMethod("PLAIN")
                .setSaslUsername(login));
        pipe(event("queued", id)
                .setService("qmgr")
                .setFrom(login)
                .setSize(18836L)
                .setNrcpt(1L));
    }

    private MailEvent.Builder event(String kind, String id) {
        Instant at = NOW.plusSeconds(position);
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("a-new-file")
                .setGeneration(0)
                .setPosition(position++)
                .setQueueId(id)
                .setOccurredAt(at)
                .setReadAt(at);
    }

    private void pipe(MailEvent.Builder event) {
        driver.createInputTopic(
                        Topics.MAIL_EVENTS.name(),
                        new StringSerializer(),
                        WireSerde.of(registry, MailEvent.class).serializer())
                .pipeInput("mx1", event.build(), event.getReadAt());
    }

    private DetectorTopology topology() {
        return new DetectorTopology(
                properties(), 1, registry, GeoLookup.none(), DetectionConfig.defaults(), new DetectorMeters(meters));
    }

    private Properties properties() {
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        p.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, EarlierStores.class.getName());
        return p;
    }

    private <V extends SpecificRecord> TestOutputTopic<String, V> output(Topic<V> topic) {
        return driver.createOutputTopic(
                topic.name(),
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
    }
}
