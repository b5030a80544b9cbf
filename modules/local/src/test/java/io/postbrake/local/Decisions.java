package io.postbrake.local;

import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Blocks as the detector writes them, in transactions, and operators' words as their command writes them. */
final class Decisions implements AutoCloseable {

    private final KafkaProducer<String, byte[]> detector;
    private final KafkaProducer<String, byte[]> operator;
    private final WireSerde<Block> blocks;
    private final WireSerde<OperatorOverride> words;

    Decisions(String bootstrap, SchemaRegistry registry) {
        this(bootstrap, registry, Map.of());
    }

    Decisions(String bootstrap, SchemaRegistry registry, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrap);
        operator = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        settings.put("transactional.id", "detector-" + UUID.randomUUID());
        detector = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        detector.initTransactions();
        blocks = WireSerde.of(registry, Block.class);
        words = WireSerde.of(registry, OperatorOverride.class);
    }

    static Block block(String account, String action) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        UUID id = UUID.randomUUID();
        return Block.newBuilder()
                .setBlockId(id)
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setReference(id.toString().substring(0, 8))
                .setAction(action)
                .setReason("test")
                .setScore(1)
                .setIncidentId(UUID.randomUUID())
                .setDecidedAt(now)
                .setLastEvidenceAt(now)
                .setEndsAt(now.plus(Duration.ofHours(4)))
                .build();
    }

    /** Blocks the account; returns the block. */
    Block blocked(String account, String action) {
        Block block = block(account, action);
        detector.beginTransaction();
        send(account, block);
        detector.commitTransaction();
        return block;
    }

    void lifted(String account) {
        detector.beginTransaction();
        send(account, null);
        detector.commitTransaction();
    }

    void lifted(Iterable<String> accounts) {
        detector.beginTransaction();
        accounts.forEach(account -> send(account, null));
        detector.commitTransaction();
    }

    /** A decision that is taken back before it counts. */
    void aborted(String account) {
        detector.beginTransaction();
        send(account, block(account, "reject"));
        detector.flush();
        detector.abortTransaction();
    }

    /** Many blocks, in few transactions. */
    void blocked(Iterable<String> accounts, int atOnce) {
        int n = 0;
        for (String account : accounts) {
            if (n % atOnce == 0) {
                if (n > 0) {
                    detector.commitTransaction();
                }
                detector.beginTransaction();
            }
            send(account, block(account, "reject"));
            n++;
        }
        detector.commitTransaction();
    }

    private void send(String account, Block block) {
        var unused = detector.send(new ProducerRecord<>(
                Topics.BLOCKS.name(), "sasl_user:" + account, bytes(blocks, Topics.BLOCKS.name(), block)));
    }

    void said(String verb, String account) throws Exception {
        said("sasl_user:" + account, verb, account);
    }

    /** A word on the account's waiting mail. */
    void saidOfQueue(String verb, String account) throws Exception {
        said("queue:sasl_user:" + account, verb, account);
    }

    private void said(String key, String verb, String account) throws Exception {
        var word = OperatorOverride.newBuilder()
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("postmaster")
                .setReason("test")
                .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
        operator.send(new ProducerRecord<>(Topics.OVERRIDES.name(), key, bytes(words, Topics.OVERRIDES.name(), word)))
                .get();
    }

    private static <V extends SpecificRecord> byte[] bytes(WireSerde<V> serde, String topic, V value) {
        return serde.serializer().serialize(topic, value);
    }

    @Override
    public void close() {
        detector.close(Duration.ofSeconds(2));
        operator.close(Duration.ofSeconds(2));
    }
}
