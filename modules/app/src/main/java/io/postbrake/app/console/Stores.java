package io.postbrake.app.console;

import io.postbrake.streams.DetectorTopology;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The parts of the state that are on this instance: interactive queries of the partitions that it has. */
final class Stores {

    private final Supplier<KafkaStreams> streams;

    Stores(Supplier<KafkaStreams> streams) {
        this.streams = streams;
    }

    /** The partitions by subject that are judged here; of them, and only of them, this instance can tell. */
    Set<Integer> partitions() {
        Set<Integer> partitions = new TreeSet<>();
        KafkaStreams running = streams.get();
        if (running != null) {
            running.metadataForLocalThreads().stream()
                    .flatMap(thread -> thread.activeTasks().stream())
                    .filter(task ->
                            task.topicPartitions().stream().anyMatch(tp -> DetectorTopology.isBySubject(tp.topic())))
                    .forEach(task -> partitions.add(task.taskId().partition()));
        }
        return partitions;
    }

    /**
     * A store by its name.
     *
     * @throws NotNow when no part of it is here, or none is open
     */
    <V> ReadOnlyKeyValueStore<String, V> open(String name) {
        KafkaStreams running = streams.get();
        if (running == null) {
            throw new NotNow("the detector has not begun");
        }
        try {
            return running.store(
                    StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<String, V>keyValueStore()));
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw new NotNow("the state is not open: " + running.state());
        }
    }
}
