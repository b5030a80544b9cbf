package io.postbrake.cli;

import io.postbrake.block.Block;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Broker and registry, mail of thieves in halves that only together are too much, and what detectors must have told of all of
 * it in the end.
 */
final class ThievesOnBrokers implements AutoCloseable {

    /** Messages in half of a thief's mail. */
    static final int HALF = 30;

    private static final int HOSTS = 5;
    private static final String GROUP = "postbrake-detector";

    private final Path dir;
    private final int partitions;
    private final EmbeddedBroker broker;
    private final EmbeddedRegistry server;
    private final ConfluentSchemaRegistry registry;
    private final KafkaProducer<String, MailEvent> producer;
    private final KafkaConsumer<String, Block> blocks;
    private final KafkaConsumer<String, Submission> submissions;
    private final Set<String> blocked = new HashSet<>();
    private final Map<String, Integer> halves = new TreeMap<>();
    private int messages;
    private long told;

    ThievesOnBrokers(Path dir, int partitions) throws Exception {
        this.dir = dir;
        this.partitions = partitions;
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        server = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        registry = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        new SchemaAdmin(registry).register();
        try (Admin admin = Admin.create(client())) {
            new TopicAdmin(admin, partitions, (short) 1).create();
        }
        producer = new KafkaProducer<>(
                client(),
                new StringSerializer(),
                WireSerde.of(registry, MailEvent.class).serializer());
        blocks = reader(Topics.BLOCKS);
        submissions = reader(Topics.MAIL_SUBMISSIONS);
    }

    Map<String, Object> client() {
        return new HashMap<>(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    /** The file of a detector without a brake, as more thieves than owners pull it; {@code further} lines stand below, and {@code kafka}, indented from its second line on, among the clients' settings. */
    Path config(String instance, int httpPort, String further, String kafka) throws IOException {
        return Files.writeString(dir.resolve(instance + ".yaml"), """
                kafka:
                  bootstrap.servers: %s
                  %s
                registry:
                  url: %s
                state.dir: %s
                partitions: %d
                http.port: %d
                console: {port: -1}
                detection: {brake.enabled: false}
                %s
                """.formatted(
                        broker.bootstrapServers(),
                        kafka,
                        server.url(),
                        dir.resolve("state-" + instance),
                        partitions,
                        httpPort,
                        further));
    }

    /** Sends half of what is too much from each of these accounts. */
    void half(Collection<String> accounts) {
        for (String account : accounts) {
            mail(account, HALF);
            halves.merge(account, 1, Integer::sum);
        }
        producer.flush();
    }

    /** One message each of so many owners, who do nothing wrong. */
    void owners(int count) {
        for (int i = 0; i < count; i++) {
            mail("owner" + i + "@my-domain.net", (60 + (i >> 16)) + "." + (i >> 8 & 0xFF) + "." + (i & 0xFF) + ".1", 1);
        }
        producer.flush();
    }

    private void mail(String account, int count) {
        int address = account.hashCode() & 0xFFFFFF;
        mail(account, "41." + (address >> 16) + "." + (address >> 8 & 0xFF) + "." + (address & 0xFF), count);
    }

    /** Nobody shares a network, so that each account is judged by itself. */
    private void mail(String account, String ip, int count) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (int i = 0; i < count; i++) {
            String host = "mx" + messages % HOSTS;
            String id = "Q" + messages;
            sends(event("client", host, 2L * messages, id, now)
                    .setService("submission")
                    .setClientIp(ip)
                    .setSaslMethod("PLAIN")
                    .setSaslUsername(account));
            sends(event("queued", host, 2L * messages + 1, id, now)
                    .setFrom(account)
                    .setSize(1000L)
                    .setNrcpt(1L));
            messages++;
        }
    }

    private void sends(MailEvent.Builder event) {
        MailEvent built = event.build();
        var unused = producer.send(new ProducerRecord<>(Topics.MAIL_EVENTS.name(), built.getHostId(), built));
    }

    private static MailEvent.Builder event(String kind, String host, long position, String queueId, Instant at) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId(host)
                .setSourceId("load")
                .setGeneration(0)
                .setPosition(position)
                .setOccurredAt(at)
                .setReadAt(at)
                .setQueueId(queueId);
    }

    /** Whether all of these are blocked, as those see it who read committed records only. */
    boolean blocked(Collection<String> accounts) {
        blocks.poll(Duration.ofMillis(10)).forEach(record -> {
            if (record.value() != null) {
                blocked.add(record.value().getSubject());
            }
        });
        return blocked.containsAll(accounts);
    }

    /** Whether any of these is blocked, by what {@link #blocked} has read. */
    boolean firstBlocked(Collection<String> accounts) {
        return accounts.stream().anyMatch(blocked::contains);
    }

    /** Whether every message was told of, at least once. */
    boolean allTold() {
        told += submissions.poll(Duration.ofMillis(10)).count();
        return told >= 2L * messages;
    }

    /**
     * Whether the detector has nothing left to read, its own topics included; a marker of a transaction, which nobody reads, may
     * stand at the end of each partition.
     */
    boolean idle() throws Exception {
        try (Admin admin = Admin.create(client())) {
            Map<TopicPartition, OffsetAndMetadata> read = admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            read.keySet().forEach(partition -> ends.put(partition, OffsetSpec.latest()));
            var latest = admin.listOffsets(ends).all().get();
            return !read.isEmpty()
                    && read.entrySet().stream()
                            .allMatch(at -> latest.get(at.getKey()).offset()
                                            - at.getValue().offset()
                                    <= 1);
        }
    }

    /** What is wrong with what was told: messages, findings and blocks, missing, doubled or not called for. Nothing is right. */
    List<String> wrong() {
        List<String> wrong = new ArrayList<>();
        Map<String, Integer> submissions = new HashMap<>();
        each(
                Topics.MAIL_SUBMISSIONS,
                r -> submissions.merge(r.value().getQueueId() + " " + r.value().getPhase(), 1, Integer::sum));
        for (int i = 0; i < messages; i++) {
            for (String phase : List.of("ATTEMPT", "ACCEPTED")) {
                int told = submissions.getOrDefault("Q" + i + " " + phase, 0);
                if (told != 1) {
                    wrong.add("message Q" + i + " " + phase + " was told " + told + " times");
                }
            }
        }
        if (submissions.size() > 2 * messages) {
            wrong.add("more messages than there were: " + submissions.size());
        }
        Map<String, Integer> blocks = new HashMap<>();
        Set<UUID> ids = new HashSet<>();
        Set<String> records = new HashSet<>();
        // One that begins on a single host, whose word alone is spent, is published again when others say the same.
        each(Topics.BLOCKS, r -> {
            boolean again =
                    !records.add(r.value().getBlockId() + " " + r.value().getOnlyHost());
            if (ids.add(r.value().getBlockId()) || again) {
                blocks.merge(r.key(), 1, Integer::sum);
            }
        });
        Map<String, Integer> shouldBlock = new HashMap<>();
        halves.forEach((account, sent) -> {
            if (sent > 1) {
                shouldBlock.put("sasl_user:" + account, 1);
            }
        });
        Set<String> subjects = new TreeSet<>(blocks.keySet());
        subjects.addAll(shouldBlock.keySet());
        for (String subject : subjects) {
            int are = blocks.getOrDefault(subject, 0);
            int should = shouldBlock.getOrDefault(subject, 0);
            if (are != should) {
                wrong.add("blocks of " + subject + " are " + are + " instead of " + should);
            }
        }
        findings(wrong);
        return wrong;
    }

    /** Thieves do all the same, so as many findings are called for about each, and no two have one id. */
    private void findings(List<String> wrong) {
        Set<String> ids = new HashSet<>();
        Map<String, Map<String, Integer>> byThief = new TreeMap<>();
        each(Topics.FINDINGS, r -> {
            if (r.key().startsWith("fleet:")) {
                return; // Told to every partition; many owners in one moment are an event for the brake.
            }
            if (!ids.add(r.value().getFindingId().toString())) {
                wrong.add("finding " + r.value().getFindingId() + " about " + r.key() + " was told again");
            }
            byThief.computeIfAbsent(r.value().getSubject(), s -> new TreeMap<>())
                    .merge(r.value().getDetector(), 1, Integer::sum);
        });
        Map<Integer, Map<String, Integer>> first = new HashMap<>();
        halves.forEach((thief, sent) -> {
            Map<String, Integer> his = byThief.getOrDefault(thief, Map.of());
            Map<String, Integer> expected = first.computeIfAbsent(sent, s -> his);
            if (!his.equals(expected) || sent > 1 && his.isEmpty()) {
                wrong.add("findings about " + thief + " are " + his + ", not " + expected + " as about others");
            }
        });
        byThief.keySet().removeAll(halves.keySet());
        byThief.keySet().removeIf(subject -> Character.isDigit(subject.charAt(0)));
        byThief.remove("all"); // How many accounts are new, for the brake.
        if (!byThief.isEmpty()) {
            wrong.add("findings about owners: " + byThief);
        }
    }

    private <V extends SpecificRecord> void each(Topic<V> topic, Consumer<ConsumerRecord<String, V>> taker) {
        try (var reader = reader(topic)) {
            var all = reader.endOffsets(reader.assignment());
            while (all.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                reader.poll(Duration.ofMillis(50)).forEach(taker);
            }
        }
    }

    private <V extends SpecificRecord> KafkaConsumer<String, V> reader(Topic<V> topic) {
        Map<String, Object> settings = client();
        settings.put("isolation.level", "read_committed");
        settings.put("max.poll.records", "10000");
        var consumer = new KafkaConsumer<>(
                settings,
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer());
        var all = IntStream.range(0, partitions)
                .mapToObj(p -> new TopicPartition(topic.name(), p))
                .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
    }

    @Override
    public void close() throws Exception {
        blocks.close();
        submissions.close();
        producer.close();
        registry.close();
        server.close();
        broker.close();
    }
}
