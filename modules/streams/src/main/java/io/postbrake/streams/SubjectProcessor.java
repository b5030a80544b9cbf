package io.postbrake.streams;

import io.postbrake.detection.Brake;
import io.postbrake.detection.Input;
import io.postbrake.detection.Outputs;
import io.postbrake.detection.SubjectEngine;
import io.postbrake.detection.SubjectKeys;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Gives the engine a subject's state, reads and writes it once an input, and wakes subjects whose deadline is due. */
final class SubjectProcessor implements Processor<String, Input, String, Outputs> {

    static final String STATES = "subject-states";
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final ControlPanel panel;
    private final Set<String> strays = new LinkedHashSet<>();
    private SubjectEngine latest;
    private final DetectorMeters meters;
    private ProcessorContext<String, Outputs> context;
    private ReadableStore<SubjectState> store;
    private BadRecords bad;
    private LiveStates states;
    private Deadlines deadlines;
    private Brake brake;

    SubjectProcessor(ControlPanel panel, DetectorMeters meters) {
        this.panel = panel;
        this.latest = panel.engine();
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Outputs> context) {
        this.context = context;
        store = ReadableStore.of(STATES, context);
        bad = BadRecords.of(context.appConfigs());
        states = new LiveStates(store);
        latest = panel.engine();
        deadlines = new Deadlines();
        meters.cases().begin(context.taskId());
        // The store is restored by now.
        brake = Brake.of(store.get(Brake.KEY));
        meters.brakes().put(context.taskId(), brake);
        store.each((subject, state) -> {
            deadlines.set(subject, latest.deadline(SubjectEngine.own(state)));
            meters.cases().put(context.taskId(), subject, OpenCases.Case.of(state));
            strays(subject);
        });
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<String, Input> input) {
        tell(input.key(), input.value(), input.timestamp());
        strays(input.key());
    }

    /** Keys of earlier builds, which also older tools write still: what is kept there belongs to another subject. */
    private void strays(String subject) {
        if (!SubjectKeys.current(subject).equals(subject)) {
            strays.add(subject);
        }
    }

    /** What was kept goes to its own key, which another task may have. */
    private void leave(String subject, long at) {
        SubjectState state = states.take(subject);
        if (state != null) {
            states.put(subject, null);
            deadlines.set(subject, null);
            keep(subject, OpenCases.Case.of(state), null);
            context.forward(new Record<>(subject, SubjectEngine.leave(state), at));
        }
    }

    private void tick(long at) {
        SubjectEngine now = panel.engine();
        if (now != latest) {
            latest = now;
            wakeTheBlocked(at);
        }
        Set<String> leaving = Set.copyOf(strays);
        strays.clear();
        for (String subject : leaving) {
            alone(subject, one -> leave(one, at));
        }
        for (String subject : deadlines.due(at)) {
            // Should the turn fail, the subject is not forgotten.
            deadlines.set(subject, Instant.ofEpochMilli(at).plus(AGAIN));
            alone(subject, one -> tell(one, new Input.Tick(Instant.ofEpochMilli(at)), at));
        }
    }

    /** One subject that nothing can be done with must not keep the others from their turn. */
    private void alone(String subject, Consumer<String> turn) {
        try {
            turn.accept(subject);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException e) {
            bad.unjudged(STATES, subject, e);
        }
    }

    /** Whoever is allowed, and whatever is released, from now on must not wait until the next thing happens there. */
    private void wakeTheBlocked(long at) {
        store.each((subject, state) -> {
            if (state.getBlock() != null || !state.getBrakes().isEmpty()) {
                deadlines.set(subject, Instant.ofEpochMilli(at));
            }
        });
    }

    private void tell(String subject, Input input, long timestamp) {
        SubjectState state = states.take(subject);
        var before = DetectorMeters.Before.of(state);
        Outputs outputs = panel.engine().advance(state, subject, input, brake);
        if (subject.equals(Brake.KEY)) {
            brake = Brake.of(outputs.state());
            meters.brakes().put(context.taskId(), brake);
        }
        if (state != null || outputs.state() != null) {
            states.put(subject, outputs.state());
        }
        deadlines.set(subject, outputs.deadline());
        DecisionLog.tell(subject, before, input, outputs);
        meters.judged(before, input, outputs, Instant.ofEpochMilli(context.currentSystemTimeMs()));
        keep(subject, before.open(), OpenCases.Case.of(outputs.state()));
        context.forward(new Record<>(subject, outputs, timestamp));
    }

    private void keep(String subject, OpenCases.Case before, OpenCases.Case after) {
        if (!Objects.equals(before, after)) {
            meters.cases().put(context.taskId(), subject, after);
        }
    }

    @Override
    public void close() {
        meters.cases().end(context.taskId());
        meters.brakes().remove(context.taskId());
    }
}
