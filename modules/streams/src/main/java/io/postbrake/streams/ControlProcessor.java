package io.postbrake.streams;

import io.postbrake.control.Control;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Hands the control topic's records to the panel and keeps those that were taken. It reads their bytes itself: Streams ends
 * the whole process at a record of such a topic that it cannot read, at this start and at every later one.
 */
final class ControlProcessor implements Processor<String, byte[], Void, Void> {

    static final String CONTROLS = "controls";

    private final RuntimeConfigHolder panel;
    private final Deserializer<Control> reader;
    private ProcessorContext<Void, Void> context;
    private KeyValueStore<String, byte[]> controls;

    ControlProcessor(RuntimeConfigHolder panel, Deserializer<Control> reader) {
        this.panel = panel;
        this.reader = reader;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        controls = context.getStateStore(CONTROLS);
        try (KeyValueIterator<String, byte[]> all = controls.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                panel.take(entry.key, read(entry.value));
            }
        }
    }

    @Override
    public void process(Record<String, byte[]> record) {
        try {
            if (panel.take(record.key(), read(record.value()))) {
                controls.put(record.key(), record.value());
            }
        } catch (BadRecordException e) {
            putAside(record, e);
        }
    }

    private Control read(byte[] bytes) {
        return reader.deserialize(Topics.CONTROL.name(), bytes);
    }

    private void putAside(Record<String, byte[]> record, BadRecordException why) {
        RecordMetadata at = context.recordMetadata().orElseThrow();
        byte[] key = record.key() == null ? null : record.key().getBytes(StandardCharsets.UTF_8);
        BadRecords.of(context.appConfigs())
                .unreadable(
                        Topics.CONTROL.name(),
                        new DeadLetter(
                                at.topic(),
                                at.partition(),
                                at.offset(),
                                record.timestamp(),
                                record.headers(),
                                key,
                                record.value(),
                                why));
    }
}
