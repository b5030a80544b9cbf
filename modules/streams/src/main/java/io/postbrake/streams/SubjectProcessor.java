package io.postbrake.streams;

import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.BadRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Gives the engine a subject's state, reads and writes it once an input, and wakes subjects whose deadline is due. */
final class SubjectProcessor implements Processor<String, Input, String, SubjectOutput> {

    static final String STATES = "subject-states";
    static final String COMMITS = "commits-of-judge";
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofMinutes(1);
    /** So many states of a task are gone through before anything is judged. */
    private static final int FIRST = 400;
    /** After that a third of the time is for what was there before, the rest for what comes. */
    private static final Duration SLICE = Duration.ofMillis(10);

    private static final Duration SLICE_EVERY = Duration.ofMillis(30);
    private static final Duration ALL = Duration.ofDays(1);

    /** Objects of states, and subjects that may be forgotten, of all partitions together. */
    private static final int MOST_LIVE = 20_000;

    private static final int MOST_EXPENDABLE = 100_000;

    private final RuntimeConfigHolder panel;
    private final Set<String> strays = new LinkedHashSet<>();
    /** What is open of subjects since the last commit; null for nothing. */
    private final Map<String, OpenIncidentIndex.Case> changed = new HashMap<>();

    private boolean touched;
    private final int partitions;
    private SubjectEngine latest;
    private final DetectorMeters meters;
    private ProcessorContext<String, SubjectOutput> context;
    private ReadableStore<SubjectState> store;
    private BadRecords bad;
    private LiveStore<SubjectState> states;
    private Deadlines deadlines;
    private Brake brake;
    private Expendables expendables;
    private Recollection recollection;
    private Cancellable recollecting;

    SubjectProcessor(RuntimeConfigHolder panel, DetectorMeters meters, int partitions) {
        this.panel = panel;
        this.partitions = partitions;
        this.latest = panel.engine();
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, SubjectOutput> context) {
        this.context = context;
        store = ReadableStore.of(STATES, context);
        bad = BadRecords.of(context.appConfigs());
        CommitHook commits = CommitHook.of(COMMITS, context);
        states = new LiveStore<>(store, commits, Math.max(100, MOST_LIVE / partitions), SubjectEngine::own);
        commits.before("cases", this::showCases); // Once the states are written.
        latest = panel.engine();
        deadlines = new Deadlines();
        meters.cases().begin(context.taskId());
        // The store is restored by now.
        brake = Brake.of(store.get(Brake.KEY));
        meters.brakes().put(context.taskId(), brake);
        expendables = new Expendables(Math.max(100, MOST_EXPENDABLE / partitions));
        recollection = new Recollection(store, expendables, (subject, state) -> {
            deadlines.set(subject, latest.deadline(SubjectEngine.own(state)));
            meters.cases().put(context.taskId(), subject, OpenIncidentIndex.Case.of(state));
            strays(subject);
        });
        if (!recollection.begin(FIRST)) {
            recollecting = context.schedule(SLICE_EVERY, PunctuationType.WALL_CLOCK_TIME, at -> recollect(SLICE));
        }
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    private void recollect(Duration time) {
        states.write(); // It is the store that is gone through.
        if (recollection.goOn(time.toNanos()) && recollecting != null) {
            recollecting.cancel();
        }
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
            recollection.note(subject, -1);
            keep(subject, OpenIncidentIndex.Case.of(state), null);
            context.forward(new Record<>(subject, SubjectEngine.leave(state), at));
        }
    }

    private void tick(long at) {
        SubjectEngine now = panel.engine();
        if (now != latest) {
            recollect(ALL);
            latest = now;
            wakeTheBlocked(at);
        }
        Set<String> leaving = new LinkedHashSet<>(strays);
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
        } catch (BadRecordException e) {
            bad.unjudged(STATES, subject, e);
        } catch (KafkaException e) {
            throw e; // Kafka's own, which ends the task or the thread.
        } catch (RuntimeException e) {
            bad.unjudged(STATES, subject, e);
        }
    }

    /** Whoever is allowed, and whatever is released, from now on must not wait until the next thing happens there. */
    private void wakeTheBlocked(long at) {
        states.each((subject, state) -> {
            if (state.getBlock() != null || !state.getBrakes().isEmpty()) {
                deadlines.set(subject, Instant.ofEpochMilli(at));
            }
        });
    }

    private void tell(String subject, Input input, long timestamp) {
        SubjectState state = states.take(subject);
        var before = DetectorMeters.Before.of(state);
        SubjectOutput outputs = panel.engine().advance(state, subject, input, brake);
        if (subject.equals(Brake.KEY)) {
            brake = Brake.of(outputs.state());
            meters.brakes().put(context.taskId(), brake);
        }
        if (state != null || outputs.state() != null) {
            states.put(subject, outputs.state());
        }
        deadlines.set(subject, outputs.deadline());
        recollection.note(subject, outputs.state() == null ? -1 : SubjectEngine.expendable(outputs.state()));
        makeRoom();
        DecisionLog.tell(subject, before, input, outputs);
        meters.judged(before, input, outputs, Instant.ofEpochMilli(context.currentSystemTimeMs()));
        keep(subject, before.open(), OpenIncidentIndex.Case.of(outputs.state()));
        if (!outputs.isSilent()) {
            context.forward(new Record<>(subject, outputs, timestamp));
        }
    }

    private void makeRoom() {
        for (String gone = expendables.tooMany(); gone != null; gone = expendables.tooMany()) {
            states.put(gone, null);
            deadlines.set(gone, null);
            meters.forgotten();
        }
    }

    private void keep(String subject, OpenIncidentIndex.Case before, OpenIncidentIndex.Case after) {
        if (!Objects.equals(before, after)) {
            changed.put(subject, after);
        } else if (after != null) {
            touched = true;
        }
    }

    /** Whoever is told of a change looks into the store, and must find it there. */
    private void showCases() {
        changed.forEach((subject, open) -> meters.cases().put(context.taskId(), subject, open));
        changed.clear();
        if (touched) {
            touched = false;
            meters.cases().touched();
        }
    }

    @Override
    public void close() {
        meters.cases().end(context.taskId());
        meters.brakes().remove(context.taskId());
    }
}
