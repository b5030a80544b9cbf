package io.postbrake.app;

import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;

/** What Kafka Streams is told, below what the configuration says. */
final class StreamsSettings {

    private static final long STORE_CACHE_BYTES = 16L << 20;

    private static final String SESSION = "session.timeout.ms";
    private static final String HEARTBEAT = "heartbeat.interval.ms";
    private static final String TRANSACTION = "transaction.timeout.ms";

    /** Without a warm copy somebody who takes over reads everything back first, and a short silence had better be borne. */
    private static final int ALONE_MS = 10_000;
    /** The least that brokers take as they come. */
    private static final int STOCK_MS = 6_000;
    /** A pause of two seconds is no death, with most of a second to spare. */
    private static final int LEAST_MS = 3_000;
    /** Brokers tell of a member that left in the answer to a heartbeat, and until then its partitions wait. */
    private static final int TOLD_MS = 200;

    private StreamsSettings() {}

    /** All settings of the detector's Streams; {@link #takeOver} may shorten its time-outs. */
    static Properties of(DetectorConfig config) {
        var p = new Properties();
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "20");
        // A thread that waits for records commits nothing meanwhile: with the default of 100 ms each hop of the last
        // record before a pause costs so much.
        p.put(StreamsConfig.POLL_MS_CONFIG, "5");
        // Many changes of one key between two commits are one change for the changelog.
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.toString(STORE_CACHE_BYTES));
        p.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        if (hasWarmCopies(config.kafka())) {
            times(p, STOCK_MS, TOLD_MS);
        } else {
            times(p, ALONE_MS, 1000);
        }
        p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        // A commit sends at once what lingers; until then nobody may read it.
        p.put(StreamsConfig.producerPrefix("linger.ms"), "20");
        p.put(StreamsConfig.producerPrefix("batch.size"), "262144");
        // A transaction's first requests are refused while the one before is being finished; with more than one under
        // way the later ones would be refused as out of order, too.
        p.put(StreamsConfig.producerPrefix("max.in.flight.requests.per.connection"), "1");
        p.put(StreamsConfig.producerPrefix("retry.backoff.ms"), "10");
        p.putAll(config.kafka());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        p.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
        return p;
    }

    /** A dead instance must be noticed, and its transaction given up, within seconds. */
    private static void times(Properties p, int session, int heartbeat) {
        p.put(StreamsConfig.consumerPrefix(SESSION), Integer.toString(session));
        p.put(StreamsConfig.consumerPrefix(HEARTBEAT), Integer.toString(heartbeat));
        // Both begin at about the same time, and who takes over waits for both.
        p.put(StreamsConfig.producerPrefix(TRANSACTION), Integer.toString(session));
    }

    /** Whether shorter time-outs would do good: others are warm, and the configuration does not say how short. */
    static boolean wantsShorterSessions(Map<String, String> kafka) {
        return hasWarmCopies(kafka)
                && Stream.of("", StreamsConfig.CONSUMER_PREFIX, StreamsConfig.MAIN_CONSUMER_PREFIX)
                        .noneMatch(
                                prefix -> kafka.containsKey(prefix + SESSION) || kafka.containsKey(prefix + HEARTBEAT))
                && Stream.of("", StreamsConfig.PRODUCER_PREFIX)
                        .noneMatch(prefix -> kafka.containsKey(prefix + TRANSACTION));
    }

    /** Makes time-outs as short as is good for a takeover and as brokers allow, whose least session is {@code leastMs}. */
    static void takeOver(Properties settings, int leastMs) {
        times(settings, Math.max(LEAST_MS, leastMs), TOLD_MS);
    }

    /** How long brokers wait for the instance when it is silent, in milliseconds. */
    static int sessionMs(Properties settings) {
        return new ConsumerConfig(consumer(new StreamsConfig(settings))).getInt(SESSION);
    }

    private static boolean hasWarmCopies(Map<String, String> kafka) {
        return !kafka.getOrDefault(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "0")
                .equals("0");
    }

    /**
     * Kafka checks most client settings only when it makes the clients, which may be long after the start.
     *
     * @return settings of an admin client
     */
    static Map<String, Object> checked(Properties properties) {
        try {
            var config = new StreamsConfig(properties);
            var unusedConsumer = new ConsumerConfig(consumer(config));
            Map<String, Object> producer = config.getProducerConfigs("check");
            producer.putIfAbsent("key.serializer", ByteArraySerializer.class);
            producer.putIfAbsent("value.serializer", ByteArraySerializer.class);
            var unusedProducer = new ProducerConfig(producer);
            return config.getAdminConfigs("postbrake-start");
        } catch (ConfigException e) {
            throw new IllegalArgumentException("kafka: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> consumer(StreamsConfig config) {
        Map<String, Object> consumer = config.getMainConsumerConfigs("check", "check", 0);
        consumer.putIfAbsent("key.deserializer", ByteArrayDeserializer.class);
        consumer.putIfAbsent("value.deserializer", ByteArrayDeserializer.class);
        return consumer;
    }
}
