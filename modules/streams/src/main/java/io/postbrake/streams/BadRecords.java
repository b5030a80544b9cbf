package io.postbrake.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.postbrake.wire.Topics;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of records that cannot be read, judged or written: logged, kept in the dead-letter topic, and counted by
 * topic. The stream goes on without them.
 */
public final class BadRecords {

    private static final Logger LOG = LoggerFactory.getLogger(BadRecords.class);
    private static final String METERS = "postbrake.meters";
    private static final String LETTERS = "postbrake.dead.letters";
    /** Streams' own name: without it no dead letter is written. */
    private static final String TOPIC = "errors.dead.letter.queue.topic.name";

    private static final String READ = "read";
    private static final String PROCESS = "process";
    private static final String WRITE = "write";

    private final Map<String, ?> settings;

    private BadRecords(Map<String, ?> settings) {
        this.settings = settings;
    }

    /**
     * Adds the handlers to the settings of a topology.
     *
     * @param meters that they count in
     * @param letters takes the dead letters that Streams has no producer for: of the control topic and of stored state. For
     *     many threads
     */
    public static void handle(
            Properties streams,
            MeterRegistry meters,
            String deadLetterTopic,
            Consumer<ProducerRecord<byte[], byte[]>> letters) {
        streams.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, Unreadable.class);
        streams.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, Unjudged.class);
        streams.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, Unwritable.class);
        streams.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, NoTimeBefore1970.class);
        streams.put(TOPIC, deadLetterTopic);
        streams.put(METERS, meters);
        streams.put(LETTERS, letters);
        for (String topic : known()) {
            List.of(READ, PROCESS, WRITE)
                    .forEach(stage -> counter(meters, topic, stage).increment(0));
        }
    }

    /** By the settings that {@link #handle} made; without them nothing is counted, and only the log tells. */
    static BadRecords of(Map<String, ?> settings) {
        return new BadRecords(settings);
    }

    /** A record that none of Streams' handlers sees; {@code letter} is what of it is kept. */
    void unreadable(String source, DeadLetter letter) {
        count(source, READ);
        letter.tell(LOG, "cannot be read");
        if (settings.get(LETTERS) instanceof Consumer<?> letters && settings.get(TOPIC) != null) {
            @SuppressWarnings("unchecked")
            var keeper = (Consumer<ProducerRecord<byte[], byte[]>>) letters;
            keeper.accept(letter.to(settings.get(TOPIC).toString()));
        }
    }

    /** Something that is kept where it is, although nothing can be done with it now. */
    void unjudged(String source, String key, RuntimeException why) {
        count(source, PROCESS);
        LOG.error("{} of {} cannot be judged", DeadLetter.plain(key), source, why);
    }

    private List<ProducerRecord<byte[], byte[]>> put(DeadLetter letter, String stage, String what) {
        count(letter.topic(), stage);
        letter.tell(LOG, what);
        Object topic = settings.get(TOPIC);
        return topic == null || letter.topic() == null ? List.of() : List.of(letter.to(topic.toString()));
    }

    private void count(String topic, String stage) {
        if (settings.get(METERS) instanceof MeterRegistry meters) {
            counter(meters, name(topic), stage).increment();
        }
    }

    private static Counter counter(MeterRegistry meters, String topic, String stage) {
        return Counter.builder("postbrake.bad.records")
                .description("Records put aside in the dead-letter topic")
                .tag("topic", topic)
                .tag("stage", stage)
                .register(meters);
    }

    private static Set<String> known() {
        Set<String> known = new TreeSet<>(DetectorTopology.sources());
        known.add(Topics.CONTROL.name());
        known.addAll(DetectorTopology.STORES);
        return known;
    }

    private static String name(String topicOrNull) {
        String topic = String.valueOf(topicOrNull);
        return known().contains(topic) ? topic : DetectorTopology.source(topic).orElse("other");
    }

    /** For records whose bytes are none of ours. */
    public static final class Unreadable implements DeserializationExceptionHandler {
        private BadRecords bad = of(Map.of());

        @Override
        public void configure(Map<String, ?> configs) {
            bad = of(configs);
        }

        @Override
        public Response handleError(
                ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
            return Response.resume(bad.put(DeadLetter.of(record, exception), READ, "cannot be read"));
        }
    }

    /** For records that could be read, but whose processing failed. */
    public static final class Unjudged implements ProcessingExceptionHandler {
        private BadRecords bad = of(Map.of());

        @Override
        public void configure(Map<String, ?> configs) {
            bad = of(configs);
        }

        @Override
        public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
            return Response.resume(bad.put(DeadLetter.of(context, exception), PROCESS, "cannot be judged"));
        }
    }

    /** For records that led to one which cannot be written, such as one that is too large. */
    public static final class Unwritable implements ProductionExceptionHandler {
        private BadRecords bad = of(Map.of());

        @Override
        public void configure(Map<String, ?> configs) {
            bad = of(configs);
        }

        /** A broker's refusal, which ends the transaction whatever is answered here. */
        @Override
        public Response handleError(
                ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
            LOG.error("A record for {} was not taken", record.topic(), exception);
            return Response.fail();
        }

        @Override
        @SuppressWarnings("rawtypes") // As the interface has it.
        public Response handleSerializationError(
                ErrorHandlerContext context,
                ProducerRecord record,
                Exception exception,
                SerializationExceptionOrigin origin) {
            return Response.resume(bad.put(
                    DeadLetter.of(context, exception),
                    WRITE,
                    "led to one that cannot be written to " + record.topic()));
        }
    }

    /** A record without a time, which Streams would stop at, came at the beginning of all time. */
    public static final class NoTimeBefore1970 implements TimestampExtractor {
        @Override
        public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
            return Math.max(0, record.timestamp());
        }
    }
}
