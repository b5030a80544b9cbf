package io.postbrake.cli;

import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topic;
import io.postbrake.wire.WireSerde;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads the records of a topic one by one: one that cannot be read is left out and counted, and ends nothing. */
final class ReadableRecords<V extends SpecificRecord> implements AutoCloseable {

    private final String topic;
    private final Deserializer<V> values;
    private long bad;

    ReadableRecords(SchemaRegistry registry, Topic<V> topic) {
        this.topic = topic.name();
        values = WireSerde.of(registry, topic.type()).deserializer();
    }

    /** Hands over key and value, which is null for a tombstone; a record that cannot be read is not handed over. */
    void take(ConsumerRecord<String, byte[]> record, BiConsumer<String, V> to) {
        V value;
        try {
            value = values.deserialize(record.topic(), record.value());
        } catch (BadRecordException e) {
            bad++;
            return;
        }
        to.accept(record.key(), value);
    }

    /** Records that could not be read. */
    long bad() {
        return bad;
    }

    /** Says how many were left out. */
    @Override
    public void close() {
        if (bad > 0) {
            System.err.println("postbrake: " + bad + (bad == 1 ? " record" : " records") + " of " + topic
                    + " cannot be read and " + (bad == 1 ? "is" : "are") + " left out");
        }
    }
}
