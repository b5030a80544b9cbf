package io.postbrake.logtail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What the broker has not acknowledged yet, in order: the checkpoint never runs ahead of it. Thread-safe. */
public final class InFlightOffsets {

    /**
     * A place before which all is acknowledged.
     *
     * @param next where to go on
     * @param tail check value of the text before it
     */
    public record Safe(Position next, int tail) {}

    private static final class Entry {
        private Safe safe;
        private boolean acknowledged;
        private final boolean skipped;

        Entry(Safe safe, boolean skipped) {
            this.safe = safe;
            this.acknowledged = skipped;
            this.skipped = skipped;
        }
    }

    private final Deque<Entry> order = new ArrayDeque<>();
    private final Map<Object, Entry> byRecord = new IdentityHashMap<>();

    /** A record was made of the line before {@code next}. */
    public synchronized void sent(Object record, Position next, int tail) {
        var entry = new Entry(new Safe(next, tail), false);
        order.add(entry);
        byRecord.put(record, entry);
    }

    /** The line before {@code next} makes no record. */
    public synchronized void skipped(Position next, int tail) {
        Entry last = order.peekLast();
        if (last != null && last.skipped && sameText(last.safe.next(), next)) {
            last.safe = new Safe(next, tail);
        } else {
            order.add(new Entry(new Safe(next, tail), true));
        }
    }

    /** The broker has this record. */
    public synchronized void acknowledged(Object record) {
        Entry entry = byRecord.remove(record);
        if (entry != null) {
            entry.acknowledged = true;
        }
    }

    /** The newest places, one of each text, before which all is acknowledged and which were not taken yet; often none. */
    public synchronized List<Safe> take() {
        List<Safe> result = new ArrayList<>();
        while (!order.isEmpty() && order.peek().acknowledged) {
            Safe safe = order.poll().safe;
            int last = result.size() - 1;
            if (last >= 0 && sameText(result.get(last).next(), safe.next())) {
                result.set(last, safe);
            } else {
                result.add(safe);
            }
        }
        return result;
    }

    /** Whether nothing is on its way. */
    public synchronized boolean isEmpty() {
        return order.isEmpty();
    }

    private static boolean sameText(Position a, Position b) {
        return a.sourceId().equals(b.sourceId()) && a.generation() == b.generation();
    }
}
