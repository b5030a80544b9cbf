package io.postbrake.postfixsource;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;

/** What the broker has not acknowledged yet, in order: the checkpoint never runs ahead of it. Thread-safe. */
final class Unacknowledged {

    private static final class Entry {
        private final Position next;
        private boolean acknowledged;

        Entry(Position next, boolean acknowledged) {
            this.next = next;
            this.acknowledged = acknowledged;
        }
    }

    private final Deque<Entry> order = new ArrayDeque<>();
    private final Map<Object, Entry> byRecord = new IdentityHashMap<>();
    private Position safe;

    /** A record was made of the line before {@code next}. */
    synchronized void sent(Object record, Position next) {
        var entry = new Entry(next, false);
        order.add(entry);
        byRecord.put(record, entry);
    }

    /** The line before {@code next} makes no record. */
    synchronized void skipped(Position next) {
        order.add(new Entry(next, true));
    }

    synchronized void acknowledged(Object record) {
        Entry entry = byRecord.remove(record);
        if (entry != null) {
            entry.acknowledged = true;
        }
    }

    /** The newest position before which all is acknowledged; null when nothing changed since the last call. */
    synchronized Position take() {
        Position result = null;
        while (!order.isEmpty() && order.peek().acknowledged) {
            result = order.poll().next;
        }
        if (result == null || result.equals(safe)) {
            return null;
        }
        safe = result;
        return result;
    }
}
