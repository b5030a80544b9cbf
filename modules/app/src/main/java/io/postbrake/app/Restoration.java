package io.postbrake.app;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** State that is still being read back from its changelogs: until that is done nothing of its partitions is judged. */
final class Restoration implements StateRestoreListener {

    private final Map<TopicPartition, Long> remaining = new ConcurrentHashMap<>();

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long end) {
        remaining.put(partition, Math.max(0, end - from));
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long batchEnd, long restored) {
        remaining.computeIfPresent(partition, (tp, left) -> Math.max(0, left - restored));
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
        remaining.remove(partition);
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long total) {
        remaining.remove(partition);
    }

    /** Partitions of state that are being restored. */
    int partitions() {
        return remaining.size();
    }

    /** Records that are still to be read, as far as is known. */
    long records() {
        return remaining.values().stream().mapToLong(Long::longValue).sum();
    }
}
