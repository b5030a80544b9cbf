package io.postbrake.detection.runtime;

import java.util.PriorityQueue;

/**
 * Which subjects are to be woken and when, soonest first, and of one time in order of their keys. A deadline that moves on,
 * which most do with every input, costs nothing until its old time comes. Times are milliseconds since 1970.
 *
 * @param <E> what waits
 */
public final class DeadlineQueue<E extends DeadlineQueue.Entry> {
    /** Later than all. */
    public static final long NEVER = Long.MAX_VALUE;

    /** So many more than wait may be queued before those that need not wait any more are removed. */
    private static final int SLACK = 1_000;

    /** One subject's place in a queue; it waits in one queue only. */
    public abstract static class Entry {
        private final String key;
        private long due = NEVER;
        private long queued = NEVER;

        protected Entry(String key) {
            this.key = key;
        }

        /** Key of the subject. */
        public final String key() {
            return key;
        }
    }

    private record Queued<E extends Entry>(long at, E entry) implements Comparable<Queued<E>> {
        @Override
        public int compareTo(Queued<E> other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : ((Entry) entry).key.compareTo(((Entry) other.entry).key);
        }

        boolean stands() {
            return ((Entry) entry).queued == at;
        }
    }

    private final PriorityQueue<Queued<E>> queue = new PriorityQueue<>();
    private int waiting;

    /** Sets or moves the time at which {@code entry} is due; {@link #NEVER} when it need not be woken. */
    public void plan(E entry, long at) {
        Entry place = entry;
        place.due = at;
        if (at == NEVER) {
            waiting -= place.queued == NEVER ? 0 : 1;
            place.queued = NEVER;
        } else if (at < place.queued) {
            waiting += place.queued == NEVER ? 1 : 0;
            enqueue(entry, at);
        }
    }

    private void enqueue(E entry, long at) {
        ((Entry) entry).queued = at;
        queue.add(new Queued<>(at, entry));
        if (queue.size() > 2L * waiting + SLACK) {
            queue.removeIf(next -> !next.stands());
        }
    }

    /** The time of the next that is due; {@link #NEVER} without any. */
    public long next() {
        while (!queue.isEmpty()) {
            Queued<E> first = queue.peek();
            Entry place = first.entry();
            boolean stands = first.stands();
            if (stands && place.due <= first.at()) {
                return first.at();
            }
            queue.poll();
            if (stands) {
                enqueue(first.entry(), place.due);
            }
        }
        return NEVER;
    }

    /**
     * Takes the next that is due out of the queue.
     *
     * @throws java.util.NoSuchElementException when nothing waits
     */
    public E take() {
        next();
        E entry = queue.remove().entry();
        ((Entry) entry).queued = NEVER;
        waiting--;
        return entry;
    }

    /** How many are queued, those that need not wait any more included. */
    public int size() {
        return queue.size();
    }
}
