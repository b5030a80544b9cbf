package io.postbrake.replay;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Which subjects need a tick, and when: at the first whole second at or after their deadline, as the live detector's
 * clock would. A deadline that moves on, which most do with every input, costs nothing until its old time comes.
 */
final class Wakes {

    private record Wake(long second, String subject) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            int byTime = Long.compare(second, other.second);
            return byTime != 0 ? byTime : subject.compareTo(other.subject);
        }
    }

    private static final class Plan {
        private long due;
        private long queued = Long.MAX_VALUE;
    }

    private final PriorityQueue<Wake> queue = new PriorityQueue<>();
    private final Map<String, Plan> plans = new HashMap<>();

    void plan(String subject, Instant deadlineOrNull) {
        if (deadlineOrNull == null) {
            plans.remove(subject);
            return;
        }
        Plan plan = plans.computeIfAbsent(subject, s -> new Plan());
        long millis = deadlineOrNull.toEpochMilli();
        plan.due = Math.floorDiv(millis + 999, 1000);
        if (plan.due < plan.queued) {
            plan.queued = plan.due;
            queue.add(new Wake(plan.due, subject));
        }
    }

    /** The second of the next wake, {@link Long#MAX_VALUE} without any. */
    long nextSecond() {
        while (!queue.isEmpty()) {
            Wake wake = queue.peek();
            Plan plan = plans.get(wake.subject());
            if (plan != null && plan.queued == wake.second() && plan.due <= wake.second()) {
                return wake.second();
            }
            queue.poll();
            if (plan != null && plan.queued == wake.second()) {
                plan.queued = plan.due;
                queue.add(new Wake(plan.due, wake.subject()));
            }
        }
        return Long.MAX_VALUE;
    }

    /** Takes the subject of the next wake. */
    String take() {
        String subject = queue.remove().subject();
        plans.get(subject).queued = Long.MAX_VALUE;
        return subject;
    }
}
