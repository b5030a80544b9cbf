package io.postbrake.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/** What becomes of records that cannot be read or judged: logged, kept in the dead-letter topic, and counted by topic. */
public final class BadRecords {

    private static final String METERS = "postbrake.meters";

    private BadRecords() {}

    /** Adds the handlers to the settings of a topology; they count in {@code meters}. */
    public static void handle(Properties streams, MeterRegistry meters, String deadLetterTopic) {
        streams.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, Unreadable.class);
        streams.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, Unjudged.class);
        streams.put("errors.dead.letter.queue.topic.name", deadLetterTopic);
        streams.put(METERS, meters);
        for (String topic : DetectorTopology.sources()) {
            counter(meters, topic, "read").increment(0);
            counter(meters, topic, "process").increment(0);
        }
    }

    private static void count(Map<String, ?> settings, String topic, String stage) {
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

    private static String name(String topicOrNull) {
        return DetectorTopology.source(String.valueOf(topicOrNull)).orElse("other");
    }

    /** For records whose bytes are none of ours. */
    public static final class Unreadable extends LogAndContinueExceptionHandler {
        private Map<String, ?> settings = Map.of();

        @Override
        public void configure(Map<String, ?> configs) {
            super.configure(configs);
            settings = configs;
        }

        @Override
        public Response handleError(
                ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
            count(settings, record.topic(), "read");
            return super.handleError(context, record, exception);
        }
    }

    /** For records that could be read, but whose processing failed. */
    public static final class Unjudged extends LogAndContinueProcessingExceptionHandler {
        private Map<String, ?> settings = Map.of();

        @Override
        public void configure(Map<String, ?> configs) {
            super.configure(configs);
            settings = configs;
        }

        @Override
        public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
            count(settings, context.topic(), "process");
            return super.handleError(context, record, exception);
        }
    }
}
