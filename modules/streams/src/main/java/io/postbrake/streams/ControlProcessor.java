package io.postbrake.streams;

import io.postbrake.control.Control;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Hands the control topic's records to the panel and keeps those that were taken. */
final class ControlProcessor implements Processor<String, Control, Void, Void> {

    static final String CONTROLS = "controls";

    private final ControlPanel panel;
    private KeyValueStore<String, Control> controls;

    ControlProcessor(ControlPanel panel) {
        this.panel = panel;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        controls = context.getStateStore(CONTROLS);
        try (KeyValueIterator<String, Control> all = controls.all()) {
            while (all.hasNext()) {
                KeyValue<String, Control> entry = all.next();
                panel.take(entry.key, entry.value);
            }
        }
    }

    @Override
    public void process(Record<String, Control> record) {
        if (panel.take(record.key(), record.value())) {
            controls.put(record.key(), record.value());
        }
    }
}
