package io.postbrake.replay;

import java.time.Instant;
import java.util.PriorityQueue;

/**
 * Which subjects need a tick, and when: at the first whole second at or after their deadline, as the live detector's
 * clock would. A deadline that moves on, which most do with every input, costs nothing until its old time comes.
 */
final class Wakes {
    static final long NEVER = Long.MAX_VALUE;

    private record Wake(long second, Subject subject) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            int byTime = Long.compare(second, other.second);
            return byTime != 0 ? byTime : subject.key.compareTo(other.subject.key);
        }
    }

    private final PriorityQueue<Wake> queue = new PriorityQueue<>();

    void plan(Subject subject, Instant deadlineOrNull) {
        if (deadlineOrNull == null) {
            subject.due = NEVER;
            subject.queued = NEVER;
            return;
        }
        subject.due = Math.floorDiv(deadlineOrNull.toEpochMilli() + 999, 1000);
        if (subject.due < subject.queued) {
            subject.queued = subject.due;
            queue.add(new Wake(subject.due, subject));
        }
    }

    /** The second of the next wake, {@link #NEVER} without any. */
    long nextSecond() {
        while (!queue.isEmpty()) {
            Wake wake = queue.peek();
            Subject subject = wake.subject();
            boolean stands = subject.queued == wake.second();
            if (stands && subject.due <= wake.second()) {
                return wake.second();
            }
            queue.poll();
            if (stands) {
                subject.queued = subject.due;
                queue.add(new Wake(subject.due, subject));
            }
        }
        return NEVER;
    }

    /** Takes the subject of the next wake. */
    Subject take() {
        Subject subject = queue.remove().subject();
        subject.queued = NEVER;
        return subject;
    }
}
