package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoLookup;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
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

/** Lines that others shipped. */
class RawLinesTest {

    private static final Instant READ = Instant.parse("2026-05-09T20:12:30Z");
    private static final String CLIENT = "May  9 22:12:29 mail postfix/submission/smtpd[5]: 984BB13B35D:"
            + " client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=user@my-domain.net";

    @TempDir
    private Path dir;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private TopologyTestDriver driver;
    private TestInputTopic<String, byte[]> lines;
    private TestOutputTopic<String, MailEvent> events;
    private TestOutputTopic<String, Submission> submissions;

    @BeforeEach
    void start() {
        new SchemaAdmin(registry).register();
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        var raw = new RawLines(ZoneId.of("Europe/Berlin"), Envelopes.auto(), 3, RecipientPolicy.of("domain", null));
        var topology = new DetectorTopology(
                        p,
                        1,
                        registry,
                        GeoLookup.none(),
                        DetectionConfig.defaults(),
                        new DetectorMeters(new SimpleMeterRegistry()),
                        raw)
                .get();
        driver = new TopologyTestDriver(topology, p, READ);
        lines = driver.createInputTopic(Topics.RAW_LINES, new StringSerializer(), new ByteArraySerializer());
        events = output(Topics.MAIL_EVENTS);
        submissions = output(Topics.MAIL_SUBMISSIONS);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void ofRecipientsNoMoreIsKeptThanConfigured() {
        sends(
                "mx1",
                "May  9 22:12:30 mail postfix/smtp[6]: 984BB13B35D: to=<victim@example.com>,"
                        + " relay=mx.example.com[192.0.2.25]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host"
                        + " said: 550 <victim@example.com>: no)");

        MailEvent event = events.readValue();
        assertThat(event.getKind()).isEqualTo("delivery");
        assertThat(event.toString()).contains("example.com").doesNotContain("victim");
    }

    @Test
    void aLineIsJudgedAsIfAShipperHadReadIt() {
        sends("mx1", CLIENT);

        MailEvent event = events.readValue();
        assertThat(event.getHostId()).isEqualTo("mx1");
        assertThat(event.getSourceId()).isEqualTo("mail.raw.v1-0");
        assertThat(event.getGeneration()).isEqualTo(3);
        assertThat(event.getOccurredAt()).isEqualTo("2026-05-09T20:12:29Z");
        assertThat(submissions.readValuesToList())
                .extracting(Submission::getPhase, Submission::getAccount)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("ATTEMPT", "user@my-domain.net"));
    }

    @Test
    void aLineThatIsNotUnderstoodIsAnEventWithoutItsText() {
        sends("mx1", "May  9 22:12:29 mail cron[1]: of another program");

        sends("mx1", "my secret");

        MailEvent event = events.readValue();
        assertThat(event.getKind()).isEqualTo("unparsed");
        assertThat(event.getPosition()).isEqualTo(1);
        assertThat(event.getRawLength()).isEqualTo(9);
        assertThat(event.toString()).doesNotContain("secret");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void aLineOfNobodyIsCountedAndStopsNothing() {
        sends(null, CLIENT);

        sends("mx1", CLIENT);

        assertThat(events.readValuesToList()).hasSize(1);
        double keyless = driver.metrics().entrySet().stream()
                .filter(m -> m.getKey().name().equals("keyless-total"))
                .mapToDouble(m -> (Double) m.getValue().metricValue())
                .sum();
        assertThat(keyless).isEqualTo(1);
    }

    private void sends(String host, String line) {
        lines.pipeInput(host, line.getBytes(StandardCharsets.UTF_8), READ);
    }

    private <V extends SpecificRecord> TestOutputTopic<String, V> output(Topic<V> topic) {
        return driver.createOutputTopic(
                topic.name(),
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
    }
}
