package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.geo.GeoLookup;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplayListener;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first start of a mail server that has three weeks of rotated logs, with hundreds of guessers and one theft eleven days ago:
 * the shipper reads all of it within seconds.
 */
class FirstStartTest {
    private static final Instant START = Instant.parse("2026-03-02T06:00:00Z");
    private static final int DAYS = 21;
    private static final String THIEF = "203.0.113.66";
    private static final Instant THEFT = START.plus(Duration.ofDays(DAYS - 11)).plusSeconds(7200);
    private static final Instant TODAY = START.plus(Duration.ofDays(DAYS));

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final Random random = new Random(13);
    private final List<MailEvent.Builder> log = new ArrayList<>();

    @TempDir
    Path dir;

    @Test
    void isOneNotificationOfHistory() {
        new SchemaAdmin(registry).register();
        threeWeeks();

        List<Alert> told;
        List<Block> blocks;
        try (var driver = driver()) {
            var events = driver.createInputTopic(
                    Topics.MAIL_EVENTS.name(),
                    new StringSerializer(),
                    WireSerde.of(registry, MailEvent.class).serializer());
            int read = 0;
            for (MailEvent.Builder e : log) {
                events.pipeInput("mx1", e.setReadAt(TODAY).build(), TODAY);
                if (++read % 3000 == 0) {
                    driver.advanceWallClockTime(Duration.ofSeconds(1));
                }
            }
            for (int minute = 0; minute < 180; minute++) {
                driver.advanceWallClockTime(Duration.ofMinutes(1));
            }
            told = read(driver, Topics.ALERTS);
            blocks = read(driver, Topics.BLOCKS);
        }

        assertThat(log.size()).isGreaterThan(10_000);
        assertThat(blocks).isEmpty();
        assertThat(told).hasSize(1);
        assertThat(told.get(0).getResolution()).isEqualTo("history");
        assertThat(told.get(0).getTitle()).startsWith("History: 1 account");
        assertThat(told.get(0).getEvidence()).isNotEmpty().allSatisfy(line -> {
            assertThat(line.getClientIp()).isEqualTo(THIEF);
            assertThat(line.getOccurredAt()).isBetween(THEFT, THEFT.plus(Duration.ofHours(1)));
            assertThat(line.getText()).doesNotContain("block");
        });
        assertThat(replayedAccounts()).hasSize(1).allMatch(told.get(0).getDescription()::contains);
    }

    /** Accounts that a detector would have stopped that had watched. */
    private Set<String> replayedAccounts() {
        Set<String> stopped = new TreeSet<>();
        Replay.builder()
                .listener(new ReplayListener() {
                    @Override
                    public void block(Instant at, Block block, String detector) {
                        if (block.getSubjectType().equals("sasl_user")) {
                            stopped.add(block.getSubject());
                        }
                    }
                })
                .runEvents(log.stream()
                        .map(e -> e.setReadAt(e.getOccurredAt()).build())
                        .iterator());
        return stopped;
    }

    private TopologyTestDriver driver() {
        var p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
        var topology = new DetectorTopology(
                p,
                1,
                registry,
                GeoLookup.none(),
                DetectionConfig.defaults(),
                new DetectorMeters(new io.micrometer.core.instrument.simple.SimpleMeterRegistry()));
        return new TopologyTestDriver(topology.get(), p, TODAY);
    }

    private <V extends org.apache.avro.specific.SpecificRecord> List<V> read(
            TopologyTestDriver driver, Topic<V> topic) {
        return driver.createOutputTopic(
                        topic.name(),
                        new StringDeserializer(),
                        WireSerde.of(registry, topic.type()).deserializer())
                .readValuesToList();
    }

    private void threeWeeks() {
        for (int person = 0; person < 12; person++) {
            for (int day = 0; day < DAYS; day++) {
                for (int letter = 3 + random.nextInt(5); letter > 0; letter--) {
                    mail(
                            "person" + person,
                            "192.0.2." + (10 + person),
                            START.plusSeconds(86_400L * day + random.nextInt(30_000)));
                }
            }
        }
        for (int guesser = 0; guesser < 290; guesser++) {
            Instant at = START.plusSeconds(random.nextInt(86_400 * (DAYS - 1)));
            String ip = "198.51." + (100 + guesser % 50) + "." + (1 + guesser / 50);
            for (int i = 12 + random.nextInt(30); i > 0; i--) {
                at = at.plusMillis(2_000 + random.nextInt(12_000));
                event("auth_failed", at).setClientIp(ip).setSaslUsername("name" + random.nextInt(500));
            }
        }
        for (int i = 0; i < 400; i++) {
            mail("person3", THIEF, THEFT.plusSeconds(6L * i));
        }
        log.sort(Comparator.comparing(MailEvent.Builder::getOccurredAt));
        for (int i = 0; i < log.size(); i++) {
            log.get(i).setPosition(i + 1);
        }
    }

    private void mail(String login, String ip, Instant at) {
        String id = "M" + log.size();
        event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(login);
        event("queued", at.plusMillis(40)).setQueueId(id).setNrcpt(1L);
        event("removed", at.plusMillis(400)).setQueueId(id);
    }

    private MailEvent.Builder event(String kind, Instant at) {
        MailEvent.Builder event = MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("log")
                .setGeneration(0)
                .setPosition(0)
                .setOccurredAt(at)
                .setReadAt(at);
        log.add(event);
        return event;
    }
}
