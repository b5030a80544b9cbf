package io.postbrake.streams;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.wire.Bounds;
import io.postbrake.wire.Topics;
import java.time.ZoneId;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;

/**
 * How lines become events that rsyslog, Vector or Fluent Bit put into the topic of raw lines, keyed by host id.
 *
 * @param zone of stamps that have none
 * @param envelopes what stands around the lines of each host
 * @param generation to be raised when the topic was deleted and made anew, because its offsets begin again
 * @param recipients what events keep of recipients; the lines themselves have them whole
 */
public record RawLines(ZoneId zone, Envelopes envelopes, long generation, RecipientPolicy recipients) {

    /** The events go through the topic of events, as those of the shippers do, and are correlated from there. */
    KStream<String, MailEvent> events(StreamsBuilder builder) {
        return builder.stream(
                        Topics.RAW_LINES,
                        Consumed.with(Bounds.keys(), Serdes.ByteArray()).withName("read-" + Topics.RAW_LINES))
                .processValues(() -> new RawLineProcessor(this), Named.as("parse-raw-lines"));
    }
}
