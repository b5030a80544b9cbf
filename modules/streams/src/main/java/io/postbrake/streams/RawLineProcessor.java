package io.postbrake.streams;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.wire.Topics;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an event of each raw line. One that cannot be understood becomes an event without its text; its text stays in the
 * topic of raw lines, at the partition and offset that the event names.
 */
final class RawLineProcessor implements FixedKeyProcessor<String, byte[], MailEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(RawLineProcessor.class);
    /** As much as the shipper keeps of a line by default. */
    private static final int LONGEST = 65_536;
    /** Parsers are kept for so many hosts; each remembers the year and the line before. */
    private static final int HOSTS = 4096;

    private final RawLines config;
    private final Map<String, PostfixLogParser> parsers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PostfixLogParser> eldest) {
            return size() > HOSTS;
        }
    };
    private FixedKeyProcessorContext<String, MailEvent> context;
    private Sensor keyless;
    private Sensor foreign;
    private Sensor unparsed;
    private boolean logged;

    RawLineProcessor(RawLines config) {
        this.config = config;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, MailEvent> context) {
        this.context = context;
        keyless = sensor("keyless");
        foreign = sensor("foreign");
        unparsed = sensor("unparsed");
    }

    private Sensor sensor(String operation) {
        return context.metrics()
                .addRateTotalSensor("raw-lines", context.taskId().toString(), operation, Sensor.RecordingLevel.INFO);
    }

    @Override
    public void process(FixedKeyRecord<String, byte[]> line) {
        RecordMetadata at = context.recordMetadata().orElseThrow();
        if (line.key() == null || line.key().isBlank() || line.value() == null) {
            keyless.record();
            if (!logged) {
                logged = true;
                LOG.warn(
                        "{} has lines without a key, such as offset {} of partition {}: the host id must be the key",
                        Topics.RAW_LINES,
                        at.offset(),
                        at.partition());
            }
            return;
        }
        byte[] text = line.value().length > LONGEST ? Arrays.copyOf(line.value(), LONGEST) : line.value();
        var origin = new LineOrigin(
                line.key(),
                at.topic() + "-" + at.partition(),
                config.generation(),
                at.offset(),
                Instant.ofEpochMilli(line.timestamp()));
        PostfixLogParser parser =
                parsers.computeIfAbsent(line.key(), k -> new PostfixLogParser(config.zone(), null, config.envelopes()));
        MailEvent event = parser.parse(text, 0, text.length, origin);
        if (parser.piece()) {
            return;
        }
        if (event.getKind().equals("not_postfix") || (text.length == 0 && !parser.framed())) {
            foreign.record();
            return;
        }
        if (event.getKind().equals("unparsed")) {
            unparsed.record();
        }
        config.recipients().apply(event);
        if (text.length < line.value().length) {
            event.setRawLength((long) line.value().length);
        }
        context.forward(line.withValue(event));
    }
}
