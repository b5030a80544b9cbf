package io.postbrake.streams;

import io.postbrake.alert.Alert;
import io.postbrake.detection.hosts.HostInput;
import io.postbrake.detection.hosts.HostWatch;
import io.postbrake.state.HostsState;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Gives the watch over hosts its state and the time, and forwards its alerts by incident. */
final class HostProcessor implements Processor<String, HostInput, String, Alert> {

    static final String STORE = "hosts-state";
    private static final Duration TICK = Duration.ofSeconds(1);

    private final HostWatch watch;
    private final DetectorMeters meters;
    private ProcessorContext<String, Alert> context;
    private ReadableStore<HostsState> store;

    HostProcessor(HostWatch watch, DetectorMeters meters) {
        this.watch = watch;
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        this.context = context;
        store = ReadableStore.of(STORE, context);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> {
            if (store.get(HostWatch.KEY) != null) {
                take(new HostInput.Tick(Instant.ofEpochMilli(now)), now);
            }
        });
    }

    @Override
    public void process(Record<String, HostInput> input) {
        if (input.value() instanceof HostInput.Report said) {
            meters.reported(said.report());
        }
        take(input.value(), input.timestamp());
    }

    private void take(HostInput input, long timestamp) {
        HostWatch.Result result = watch.accept(store.get(HostWatch.KEY), input);
        store.put(HostWatch.KEY, result.state());
        if (result.disobeyed()) {
            meters.disobeyed();
        }
        result.alerts().forEach(DecisionLog::tell);
        result.alerts()
                .forEach(alert ->
                        context.forward(new Record<>(alert.getIncidentId().toString(), alert, timestamp)));
        result.forgotten().forEach(id -> context.forward(new Record<>(id, null, timestamp)));
    }
}
