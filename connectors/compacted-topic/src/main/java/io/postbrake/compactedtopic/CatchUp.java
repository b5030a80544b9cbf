package io.postbrake.compactedtopic;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a replay from the beginning has reached the ends that the topics had when it began. The ends are asked for in
 * the background, again and again while the brokers do not answer: entries must go on ending meanwhile.
 */
public final class CatchUp {

    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    private final Function<Collection<TopicPartition>, Map<TopicPartition, Long>> ask;
    private final Executor background;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private List<TopicPartition> partitions = List.of();
    private CompletableFuture<Map<TopicPartition, Long>> ends;

    public CatchUp(Function<Collection<TopicPartition>, Map<TopicPartition, Long>> ask, Executor background) {
        this.ask = ask;
        this.background = background;
    }

    /** A replay of these partitions begins. */
    public void begin(Collection<TopicPartition> assigned) {
        partitions = List.copyOf(assigned);
        positions.clear();
        ends = partitions.isEmpty() ? null : CompletableFuture.supplyAsync(() -> ask.apply(partitions), background);
    }

    /** A record before {@code position} was taken. */
    public void reached(TopicPartition partition, long position) {
        positions.merge(partition, position, Math::max);
    }

    /** Whether all that was there is taken. Never before anything is assigned: Connect also polls then. */
    public boolean done() {
        if (ends == null || !ends.isDone()) {
            return false;
        }
        if (ends.isCompletedExceptionally()) {
            LOG.warn("where the topics end is not known yet, asking again");
            ends = CompletableFuture.supplyAsync(() -> ask.apply(partitions), background);
            return false;
        }
        return ends.join().entrySet().stream().allMatch(e -> positions.getOrDefault(e.getKey(), 0L) >= e.getValue());
    }

    /** How many offsets are still to be read; -1 while the ends are not known. */
    public long behind() {
        if (ends == null || !ends.isDone() || ends.isCompletedExceptionally()) {
            return -1;
        }
        return ends.join().entrySet().stream()
                .mapToLong(e -> Math.max(0, e.getValue() - positions.getOrDefault(e.getKey(), 0L)))
                .sum();
    }
}
