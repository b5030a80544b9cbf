package io.postbrake.streams;

import io.postbrake.detection.Input;
import io.postbrake.detection.Outputs;
import io.postbrake.detection.SubjectEngine;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Gives the engine a subject's state, reads and writes it once an input, and wakes subjects whose deadline is due. */
final class SubjectProcessor implements Processor<String, Input, String, Outputs> {

    static final String STATES = "subject-states";
    static final String DEADLINES = "subject-deadlines";
    private static final Duration TICK = Duration.ofSeconds(1);

    private final SubjectEngine engine;
    private ProcessorContext<String, Outputs> context;
    private KeyValueStore<String, SubjectState> states;
    private KeyValueStore<String, Long> deadlines;

    SubjectProcessor(SubjectEngine engine) {
        this.engine = engine;
    }

    @Override
    public void init(ProcessorContext<String, Outputs> context) {
        this.context = context;
        states = context.getStateStore(STATES);
        deadlines = context.getStateStore(DEADLINES);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<String, Input> input) {
        tell(input.key(), input.value(), input.timestamp());
    }

    private void tick(long now) {
        List<String> due = new ArrayList<>();
        try (KeyValueIterator<String, Long> all = deadlines.all()) {
            while (all.hasNext()) {
                KeyValue<String, Long> entry = all.next();
                if (entry.value <= now) {
                    due.add(entry.key);
                }
            }
        }
        for (String subject : due) {
            tell(subject, new Input.Tick(Instant.ofEpochMilli(now)), now);
        }
    }

    private void tell(String subject, Input input, long timestamp) {
        Outputs outputs = engine.accept(states.get(subject), subject, input);
        states.put(subject, outputs.state());
        deadlines.put(
                subject, outputs.deadline() == null ? null : outputs.deadline().toEpochMilli());
        context.forward(new Record<>(subject, outputs, timestamp));
    }
}
