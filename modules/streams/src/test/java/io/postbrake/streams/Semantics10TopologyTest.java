package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.runtime.DetectionListener;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.Listing;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplayListener;
import io.postbrake.simulator.Evaluation;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/**
 * The first claim: the same input sequence of each key gives identical output. Generated traffic goes through replay at one go,
 * and through the topology with a restart in the middle: all stores are written to bytes, and read by a new instance. The other
 * two claims, on arrivals out of order, are held in {@code detection}'s test of the same Semantics.
 */
class Semantics10TopologyTest {
    private static final Instant START = Instant.parse("2026-03-02T06:00:00Z");
    private static final List<String> HOSTS = List.of("mx1", "mx2");
    private static final List<String> PLACES = List.of("192.0.2.10", "198.51.100.7", "203.0.113.9");
    private static final GeoLookup PLACE = ip -> switch (PLACES.indexOf(ip)) {
        case 0 -> new GeoInfo("DE", "Berlin", 52.52, 13.40, 20.0, 64500L, "Home Net", "192.0.2.0/24");
        case 1 -> new GeoInfo("BR", "Recife", -8.05, -34.90, 50.0, 64501L, "Away Net", "198.51.100.0/24");
        case 2 -> new GeoInfo("ES", "Madrid", 40.41, -3.70, 20.0, 64502L, "Sol Net", "203.0.113.0/24");
        default -> GeoInfo.UNKNOWN;
    };
    /** One of the places is on two lists. */
    private static final GeoLookup GEO = new GeoLookup() {
        @Override
        public GeoInfo lookup(String ip) {
            return PLACE.lookup(ip);
        }

        @Override
        public List<Listing> listed(String ip, Long asnOrNull) {
            return asnOrNull != null && asnOrNull == 64501L
                    ? List.of(new Listing("drop", "abuse", START), new Listing("vpn", "anonymous", null))
                    : List.of();
        }
    };

    @Property(tries = 8, seed = "20261125", shrinking = ShrinkingMode.OFF)
    void topologyAndReplayAgreeOverARestart(@ForAll long seed) throws IOException {
        agree(seed, true, DetectionConfig.defaults());
    }

    /** So low a brake that two blocks pull it. */
    @Property(tries = 6, seed = "20261129", shrinking = ShrinkingMode.OFF)
    void theyAgreeWhileTheBrakeIsPulled(@ForAll long seed) throws IOException {
        // No restart here: a new instance reads of the brake what its store holds when it begins, and the driver fills
        // it later.
        Said live = agree(
                seed,
                false,
                DetectionConfig.of(Map.of(
                        "brake.accounts.least", 1,
                        "brake.accounts.most", 1,
                        "brake.addresses.most", 1,
                        "detectors.success-after-guessing.failures", 3)));

        assertThat(live.findings).as("the brake with seed %d", seed).containsKey("fleet:brake by fleet:all");
    }

    @Tag("soak")
    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void topologyAndReplayAgreeHoweverOftenItIsTried(@ForAll long seed) throws IOException {
        agree(seed, true, DetectionConfig.defaults());
    }

    /** The figures of detection rest on the simulator's closed loop: the same events at the same times, through the topology. */
    @Test
    void topologyAndSimulatorAgree() throws IOException {
        var fleet = new Simulated();
        DetectionConfig config = DetectionConfig.defaults();
        new Evaluation(40, 6, config, Evaluation.Contenders.POSTBRAKE).watched(17, fleet);
        Said live = new Said();

        try (Live topology = new Live(live, config, Map.of(), fleet.places::get, fleet.begin())) {
            topology.takes(fleet.steps);
        }

        assertThat(fleet.steps)
                .filteredOn(Instant.class::isInstance)
                .as("wakes at whole seconds, as live")
                .isNotEmpty()
                .allMatch(tick -> ((Instant) tick).getNano() == 0);
        assertThat(live.findings).isEqualTo(fleet.said.findings);
        assertThat(live.alerts).isEqualTo(fleet.said.alerts);
        assertThat(live.blocks).isEqualTo(fleet.said.blocks);
        assertThat(fleet.said.blocks).hasSizeGreaterThan(3);
        assertThat(live.blocks.values()).as("ended by the clock").anyMatch(told -> told.contains("lifted"));
    }

    /** The events of a simulated fleet, and whenever its clock woke somebody, in order; and what was said. */
    private static final class Simulated implements DetectionListener {
        final Said said = new Said();
        final List<Object> steps = new ArrayList<>();
        final Map<String, GeoInfo> places = new HashMap<>();

        Instant begin() {
            return ((MailEvent) steps.get(0)).getOccurredAt().minusSeconds(1);
        }

        @Override
        public void received(MailEvent event) {
            steps.add(MailEvent.newBuilder(event).build());
        }

        @Override
        public void submission(Submission s) {
            if (s.getClientIp() != null) {
                places.put(
                        s.getClientIp(),
                        new GeoInfo(
                                s.getCountry(),
                                s.getCity(),
                                s.getLatitude(),
                                s.getLongitude(),
                                s.getRadiusKm(),
                                s.getAsn(),
                                s.getAsOrganisation(),
                                s.getNetwork()));
            }
        }

        @Override
        public void judged(Instant now, String subjectKey, Input input, SubjectOutput outputs) {
            if (input instanceof Input.Tick tick && !tick.now().equals(steps.get(steps.size() - 1))) {
                steps.add(tick.now());
            }
            outputs.records().forEach(said::finding);
            outputs.alerts().forEach(a -> said.alert(now, a, ""));
            if (outputs.block() instanceof SubjectOutput.BlockChange.Put put) {
                said.block(now, put.block(), "");
            } else if (outputs.block() instanceof SubjectOutput.BlockChange.Lift) {
                said.lift(now, subjectKey);
            }
        }
    }

    private static Said agree(long seed, boolean restarts, DetectionConfig config) throws IOException {
        List<MailEvent> events = traffic(new Random(seed));
        Instant end = events.get(events.size() - 1).getOccurredAt();

        Said replayed = new Said();
        Replay.builder()
                .config(config)
                .geo(GEO)
                .listener(replayed)
                .runEvents(copies(events).iterator());
        Said live = new Said();
        int half = restarts ? events.size() / 2 : 0;
        Map<String, Map<String, Object>> kept;
        try (Live first = new Live(live, config, Map.of(), GEO, START.minusSeconds(1))) {
            first.receives(copies(events.subList(0, half)));
            kept = first.stores();
        }
        try (Live last = new Live(live, config, kept, GEO, START.minusSeconds(1))) {
            last.receives(copies(events.subList(half, events.size())));
            last.ticksUpTo(end);
        }

        assertThat(live.findings).as("findings with seed %d", seed).isEqualTo(replayed.findings);
        assertThat(live.alerts).as("alerts with seed %d", seed).isEqualTo(replayed.alerts);
        assertThat(live.blocks).as("blocks with seed %d", seed).isEqualTo(replayed.blocks);
        assertThat(replayed.findings).isNotEmpty();
        assertThat(replayed.alerts).isNotEmpty();
        assertThat(replayed.blocks).isNotEmpty();
        return live;
    }

    /** What was said, by subject and in order. */
    private static final class Said implements ReplayListener {
        final Map<String, List<String>> findings = new TreeMap<>();
        final Map<String, List<String>> alerts = new TreeMap<>();
        final Map<String, List<String>> blocks = new TreeMap<>();

        @Override
        public void judged(Instant at, SubjectOutput out) {
            out.records().forEach(this::finding);
        }

        void finding(Finding f) {
            add(findings, f.getSubjectType() + ":" + f.getSubject() + " by " + f.getOriginSubject(), f.toString());
        }

        @Override
        public void alert(Instant at, Alert a, String detector) {
            add(alerts, a.getIncidentId().toString(), a.toString());
        }

        @Override
        public void block(Instant at, Block b, String detector) {
            add(blocks, b.getSubjectType() + ":" + b.getSubject(), b.toString());
        }

        @Override
        public void lift(Instant at, String subjectKey) {
            add(blocks, subjectKey, "lifted");
        }

        static void add(Map<String, List<String>> to, String key, String what) {
            // Files have no topic: where an event lies in it is all that replay cannot know.
            String known = what.replaceAll("event(Topic|Partition|Offset).: [^,}]*", "event$1");
            to.computeIfAbsent(key, k -> new ArrayList<>()).add(known);
        }
    }

    /** One instance of the topology, by the time of its events. */
    private static final class Live implements AutoCloseable {
        private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        private final Said said;
        private final SubjectEngine engine;
        private final Path dir;
        private final TopologyTestDriver driver;
        private final TestInputTopic<String, MailEvent> events;
        private Instant clock;

        Live(Said said, DetectionConfig config, Map<String, Map<String, Object>> stores, GeoLookup geo, Instant begin)
                throws IOException {
            this.said = said;
            clock = begin;
            engine = new SubjectEngine(config);
            new SchemaAdmin(registry).register();
            dir = Files.createTempDirectory("postbrake-semantics-10");
            var p = new Properties();
            p.put(StreamsConfig.APPLICATION_ID_CONFIG, "postbrake-detector");
            p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
            p.put(StreamsConfig.STATE_DIR_CONFIG, dir.toString());
            var topology = new DetectorTopology(
                    p,
                    1,
                    registry,
                    geo,
                    config,
                    new DetectorMeters(new io.micrometer.core.instrument.simple.SimpleMeterRegistry()));
            driver = new TopologyTestDriver(topology.get(), p, begin);
            stores.forEach((name, entries) -> {
                KeyValueStore<String, Object> store = driver.getKeyValueStore(name);
                entries.forEach(store::put);
            });
            events = driver.createInputTopic(
                    Topics.MAIL_EVENTS.name(),
                    new StringSerializer(),
                    WireSerde.of(registry, MailEvent.class).serializer());
        }

        void receives(List<MailEvent> all) {
            Instant now = START.minusSeconds(1);
            for (MailEvent e : all) {
                ticksUpTo(e.getOccurredAt());
                now = e.getOccurredAt();
                events.pipeInput(e.getHostId(), e, now);
            }
            hears();
        }

        /** Events as they come, and the times that the clock goes on to. */
        void takes(List<Object> steps) {
            for (Object step : steps) {
                if (step instanceof MailEvent event) {
                    events.pipeInput(event.getHostId(), event, event.getReadAt());
                } else {
                    clock((Instant) step);
                }
            }
        }

        /** The clock goes from one whole second at which something is due to the next. */
        void ticksUpTo(Instant until) {
            while (true) {
                Long due = null;
                String whose = null;
                KeyValueStore<String, SubjectState> states = driver.getKeyValueStore(SubjectProcessor.STATES);
                try (KeyValueIterator<String, SubjectState> each = states.all()) {
                    while (each.hasNext()) {
                        KeyValue<String, SubjectState> one = each.next();
                        Instant deadline = engine.deadline(SubjectEngine.own(one.value));
                        if (deadline != null && (due == null || deadline.toEpochMilli() < due)) {
                            due = deadline.toEpochMilli();
                            whose = one.key;
                        }
                    }
                }
                Instant second = due == null ? null : Instant.ofEpochSecond(Math.floorDiv(due + 999, 1000L));
                if (second == null || second.isAfter(until)) {
                    break;
                }
                assertThat(second)
                        .as("what is due of %s is done when the clock gets there", whose)
                        .isAfter(clock);
                clock(second);
            }
        }

        private void clock(Instant to) {
            if (to.isAfter(clock)) {
                driver.advanceWallClockTime(Duration.between(clock, to));
                clock = to;
            }
        }

        private void hears() {
            for (KeyValue<String, Finding> f : read(Topics.FINDINGS)) {
                said.finding(f.value);
            }
            for (KeyValue<String, Alert> a : read(Topics.ALERTS)) {
                if (a.value != null) {
                    said.alert(null, a.value, "");
                }
            }
            for (KeyValue<String, Block> b : read(Topics.BLOCKS)) {
                if (b.value == null) {
                    said.lift(null, b.key);
                } else {
                    said.block(null, b.value, "");
                }
            }
        }

        private <V extends org.apache.avro.specific.SpecificRecord> List<KeyValue<String, V>> read(Topic<V> topic) {
            return driver.createOutputTopic(
                            topic.name(),
                            new StringDeserializer(),
                            WireSerde.of(registry, topic.type()).deserializer())
                    .readKeyValuesToList();
        }

        /** All that the stores hold, read back from its bytes. */
        Map<String, Map<String, Object>> stores() {
            Map<String, Map<String, Object>> all = new HashMap<>();
            for (Map.Entry<String, StateStore> entry :
                    driver.getAllStateStores().entrySet()) {
                if (entry.getValue() instanceof CommitHook) {
                    continue;
                }
                Map<String, Object> entries = new HashMap<>();
                KeyValueStore<String, Object> store = driver.getKeyValueStore(entry.getKey());
                try (KeyValueIterator<String, Object> each = store.all()) {
                    each.forEachRemaining(e -> entries.put(e.key, e.value));
                }
                all.put(entry.getKey(), entries);
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            hears();
            driver.close();
            try (var files = Files.walk(dir)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static List<MailEvent> copies(List<MailEvent> events) {
        return events.stream().map(e -> MailEvent.newBuilder(e).build()).toList();
    }

    /** Some days of four people, a thief or two, and guessing, over two hosts; stamps of whole milliseconds, no two alike. */
    private static List<MailEvent> traffic(Random random) {
        List<MailEvent.Builder> events = new ArrayList<>();
        int days = 2 + random.nextInt(3);
        for (int person = 0; person < 4; person++) {
            for (int day = 0; day < days; day++) {
                for (int i = random.nextInt(8); i > 0; i--) {
                    Instant at = START.plusSeconds(86_400L * day + random.nextInt(50_000));
                    burst(random, events, "person" + person, random.nextInt(30) == 0 ? 2 : 0, at, 1);
                }
            }
        }
        for (int thief = 1 + random.nextInt(2); thief > 0; thief--) {
            Instant at = START.plusSeconds(86_400L * (days - 1) + random.nextInt(50_000));
            burst(random, events, "person" + random.nextInt(5), 1, at, 30 + random.nextInt(60));
        }
        Instant guess = START.plusSeconds(86_400L * (days - 1) + random.nextInt(50_000));
        for (int i = 5 + random.nextInt(12); i > 0; i--) {
            guess = guess.plusMillis(1 + random.nextInt(9_000));
            event(events, HOSTS.get(random.nextInt(2)), "auth_failed", guess)
                    .setClientIp(PLACES.get(1))
                    .setSaslUsername("person" + random.nextInt(4));
        }
        burst(random, events, "person" + random.nextInt(4), 1, guess.plusSeconds(5), 2);
        events.sort(Comparator.comparing(MailEvent.Builder::getOccurredAt));
        List<MailEvent> ordered = new ArrayList<>();
        Instant last = Instant.EPOCH;
        for (MailEvent.Builder e : events) {
            last = e.getOccurredAt().isAfter(last) ? e.getOccurredAt() : last.plusMillis(1);
            ordered.add(e.setOccurredAt(last)
                    .setReadAt(last)
                    .setPosition(ordered.size() + 1)
                    .build());
        }
        return ordered;
    }

    private static void burst(
            Random random, List<MailEvent.Builder> events, String login, int place, Instant from, int messages) {
        Instant at = from;
        for (int i = 0; i < messages; i++) {
            String host = HOSTS.get(random.nextInt(2));
            String id = "Q" + events.size();
            event(events, host, "client", at)
                    .setQueueId(id)
                    .setClientIp(PLACES.get(place))
                    .setSaslUsername(login);
            event(events, host, "queued", at.plusMillis(300)).setQueueId(id).setNrcpt(1L + random.nextInt(4));
            at = at.plusMillis(500 + random.nextInt(12_000));
        }
    }

    private static MailEvent.Builder event(List<MailEvent.Builder> events, String host, String kind, Instant at) {
        MailEvent.Builder event = MailEvent.newBuilder()
                .setKind(kind)
                .setHostId(host)
                .setSourceId("log of " + host)
                .setGeneration(0)
                .setPosition(0)
                .setOccurredAt(at)
                .setReadAt(at);
        events.add(event);
        return event;
    }
}
