package io.postbrake.logtail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * What the broker has not acknowledged yet, in order: the checkpoint never runs ahead of it. Thread-safe.
 *
 * @param <P> a place in a log
 */
public final class InFlightOffsets<P> {

    private static final class Entry<P> {
        private P next;
        private boolean acknowledged;
        private final boolean skipped;

        Entry(P next, boolean skipped) {
            this.next = next;
            this.acknowledged = skipped;
            this.skipped = skipped;
        }
    }

    private final BiPredicate<P, P> sameText;
    private final Deque<Entry<P>> order = new ArrayDeque<>();
    private final Map<Object, Entry<P>> byRecord = new IdentityHashMap<>();

    /** {@code sameText} tells whether two places are in one text, so that the later one stands for both. */
    public InFlightOffsets(BiPredicate<P, P> sameText) {
        this.sameText = sameText;
    }

    /** A record was made of the line before {@code next}. */
    public synchronized void sent(Object record, P next) {
        var entry = new Entry<>(next, false);
        order.add(entry);
        byRecord.put(record, entry);
    }

    /** The line before {@code next} makes no record. */
    public synchronized void skipped(P next) {
        Entry<P> last = order.peekLast();
        if (last != null && last.skipped && sameText.test(last.next, next)) {
            last.next = next;
        } else {
            order.add(new Entry<>(next, true));
        }
    }

    /** The broker has this record. */
    public synchronized void acknowledged(Object record) {
        Entry<P> entry = byRecord.remove(record);
        if (entry != null) {
            entry.acknowledged = true;
        }
    }

    /** The newest places, one of each text, before which all is acknowledged and which were not taken yet; often none. */
    public synchronized List<P> take() {
        List<P> result = new ArrayList<>();
        while (!order.isEmpty() && order.peek().acknowledged) {
            P safe = order.poll().next;
            int last = result.size() - 1;
            if (last >= 0 && sameText.test(result.get(last), safe)) {
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
}
