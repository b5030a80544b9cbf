package io.postbrake.app;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/** Whether the detector lives, and whether it judges; with the reason when it does not. */
final class Health {

    /** A truth and why. */
    record Answer(boolean good, String reason) {
        private static Answer yes(String reason) {
            return new Answer(true, reason);
        }

        private static Answer no(String reason) {
            return new Answer(false, reason);
        }
    }

    private final Supplier<KafkaStreams> streams;
    private final Supplier<String> missing;
    private final BooleanSupplier registryAway;
    private final Restoration restoration;
    private volatile String failure;
    private volatile Supplier<List<String>> parts = List::of;

    /**
     * Looks at these parts.
     *
     * @param streams null until the topology was started
     * @param missing what the start waits for
     */
    Health(
            Supplier<KafkaStreams> streams,
            Supplier<String> missing,
            BooleanSupplier registryAway,
            Restoration restoration) {
        this.streams = streams;
        this.missing = missing;
        this.registryAway = registryAway;
        this.restoration = restoration;
    }

    /** The start failed for good. */
    void failed(String why) {
        failure = why;
    }

    /** Not live: only a new process helps. Waiting for what others must mend is being alive. */
    Answer live() {
        KafkaStreams running = streams.get();
        if (failure != null) {
            return Answer.no("cannot start: " + failure);
        }
        if (running == null) {
            return Answer.yes("waiting for " + missing.get());
        }
        KafkaStreams.State state = running.state();
        if (state == KafkaStreams.State.ERROR || state.hasCompletedShutdown()) {
            return Answer.no("stopped: " + state);
        }
        return state.isRunningOrRebalancing() && threads(running) == 0
                ? Answer.no("all stream threads are dead")
                : Answer.yes(state.name());
    }

    /** Ready: events are being judged. */
    Answer ready() {
        Answer live = live();
        KafkaStreams running = streams.get();
        if (!live.good() || running == null) {
            return Answer.no(live.reason());
        }
        if (restoration.partitions() > 0) {
            return Answer.no("restoring state: " + restoration.records() + " records in " + restoration.partitions()
                    + " partitions to go");
        }
        if (running.state() != KafkaStreams.State.RUNNING) {
            return Answer.no(running.state().name());
        }
        return registryAway.getAsBoolean()
                ? Answer.no("the schema registry is unavailable, and a schema is needed from it")
                : Answer.yes("RUNNING");
    }

    /** What runs beside the detector in one process is asked too; it tells a sentence for each thing that is wrong. */
    void asks(Supplier<List<String>> others) {
        parts = others;
    }

    /** As {@link #ready}, and all parts beside the detector are well. */
    Answer readyWithParts() {
        Answer ready = ready();
        List<String> wrong = ready.good() ? parts.get() : List.of();
        return wrong.isEmpty() ? ready : Answer.no(String.join("\n", wrong));
    }

    /** Stream threads that are alive. */
    static long threads(KafkaStreams running) {
        return running.metadataForLocalThreads().stream()
                .filter(thread -> !thread.threadState().equals("DEAD"))
                .count();
    }
}
