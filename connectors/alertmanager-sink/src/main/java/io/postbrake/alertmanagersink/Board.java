package io.postbrake.alertmanagersink;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * What stands: the newest state of each incident, and who still has to be told. The topic is read from its beginning at
 * every start, so that what was open is known again; what was told before is known by the committed offsets.
 */
final class Board {

    /**
     * A state to be told.
     *
     * @param announced whether somebody was told of the incident before
     * @param waiting whether nobody was told of this state yet
     */
    record Report(Incident incident, SinkRecord record, boolean announced, boolean waiting) {
        long offset() {
            return record.kafkaOffset();
        }
    }

    private static final class Entry {
        private Incident incident;
        private SinkRecord record;
        private long firstOffset;
        private boolean announced;
        private boolean waiting = true;
        private boolean worthy;
        private Instant acceptedAt;
        private long refusedOffset = -1;

        private TopicPartition partition() {
            return new TopicPartition(record.topic(), record.kafkaPartition());
        }
    }

    private final Concern concern;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Queue<Report> refused = new ArrayDeque<>();
    private boolean caughtUp;
    private boolean progress;
    private long accepted;
    private long refusals;

    Board(Concern concern) {
        this.concern = concern;
    }

    /** The topic is read from its beginning again. */
    synchronized void replay() {
        entries.clear();
        caughtUp = false;
    }

    synchronized void take(Incident incident, SinkRecord record) {
        Entry entry = entries.get(incident.id());
        if (entry == null) {
            entry = new Entry();
            entry.firstOffset = record.kafkaOffset();
            entries.put(incident.id(), entry);
        }
        entry.incident = incident;
        entry.record = record;
        entry.waiting = true;
        entry.acceptedAt = null;
        entry.worthy |= concern.with(incident);
        if (caughtUp) {
            drop(entry);
        }
    }

    /** The incident ended so long ago that its record is removed. */
    synchronized void forget(String id) {
        Entry entry = entries.get(id);
        if (entry != null && (!entry.waiting || !caughtUp)) {
            entries.remove(id);
        }
    }

    /** All is read; what stands before these offsets was told before. */
    synchronized void caughtUp(Map<TopicPartition, Long> committed) {
        for (Entry entry : List.copyOf(entries.values())) {
            long told = committed.getOrDefault(entry.partition(), 0L);
            entry.announced = entry.worthy && entry.firstOffset < told;
            entry.waiting = entry.record.kafkaOffset() >= told;
            if (entry.incident.resolved() && !entry.waiting) {
                entries.remove(entry.incident.id());
            } else {
                drop(entry);
            }
        }
        caughtUp = true;
    }

    /** Nobody is told of what never concerned anybody. */
    private void drop(Entry entry) {
        if (!entry.worthy) {
            entry.waiting = false;
            progress = true;
            if (entry.incident.resolved()) {
                entries.remove(entry.incident.id());
            }
        }
    }

    synchronized boolean isCaughtUp() {
        return caughtUp;
    }

    /** What there is to tell; nothing before all is read. */
    synchronized List<Report> reports() {
        List<Report> result = new ArrayList<>();
        if (caughtUp) {
            entries.values().stream()
                    .filter(e -> e.worthy)
                    .forEach(e -> result.add(new Report(e.incident, e.record, e.announced, e.waiting)));
        }
        return result;
    }

    /** Somebody was told this. */
    synchronized void accepted(Report told, Instant at) {
        accepted++;
        settle(told, at);
    }

    /** Nobody will ever take this; it is kept aside. */
    synchronized void refused(Report bad, Instant at) {
        refusals++;
        Entry entry = entries.get(bad.incident().id());
        if (entry == null || entry.refusedOffset != bad.offset()) {
            refused.add(bad);
        }
        if (entry != null) {
            entry.refusedOffset = bad.offset();
        }
        settle(bad, at);
    }

    private void settle(Report told, Instant at) {
        Entry entry = entries.get(told.incident().id());
        if (entry == null) {
            return;
        }
        if (entry.refusedOffset != told.offset()) {
            entry.announced = true;
        }
        if (entry.record.kafkaOffset() == told.offset()) {
            progress |= entry.waiting;
            entry.waiting = false;
            entry.acceptedAt = entry.acceptedAt == null ? at : entry.acceptedAt;
        }
    }

    /** Forgets what ended and was told at least so long ago. */
    synchronized void prune(Instant now, Duration keep) {
        entries.values()
                .removeIf(e -> e.incident.resolved() && e.acceptedAt != null && !now.isBefore(e.acceptedAt.plus(keep)));
    }

    /** The next record that nobody can take; null when there is none. */
    synchronized Report nextRefused() {
        return refused.poll();
    }

    /** Whether more was told since this was asked last. */
    synchronized boolean progressed() {
        boolean result = progress;
        progress = false;
        return result;
    }

    /** The offset from which on something is not told yet; {@code otherwise} when all is told. */
    synchronized long firstUntold(TopicPartition partition, long otherwise) {
        return entries.values().stream()
                .filter(e -> e.waiting && e.partition().equals(partition))
                .mapToLong(e -> e.record.kafkaOffset())
                .min()
                .orElse(otherwise);
    }

    synchronized long open() {
        return entries.values().stream().filter(e -> !e.incident.resolved()).count();
    }

    synchronized long untold() {
        return entries.values().stream().filter(e -> e.waiting).count();
    }

    synchronized long acceptances() {
        return accepted;
    }

    synchronized long refusals() {
        return refusals;
    }
}
