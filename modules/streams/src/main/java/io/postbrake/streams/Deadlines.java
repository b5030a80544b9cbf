package io.postbrake.streams;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * When each subject is to be woken, soonest first. Most deadlines only ever move away: a subject stays queued at an early
 * one until that comes, and is queued anew then.
 */
final class Deadlines {

    private record Queued(long at, String subject) implements Comparable<Queued> {
        @Override
        public int compareTo(Queued other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : subject.compareTo(other.subject);
        }
    }

    private static final class Plan {
        private long due;
        private long queued = Long.MAX_VALUE;
    }

    private static final int SLACK = 1_000;

    private final Map<String, Plan> plans = new HashMap<>();
    private final PriorityQueue<Queued> queue = new PriorityQueue<>();

    /** Sets, moves or, with null, removes the deadline of a subject. */
    void set(String subject, Instant deadlineOrNull) {
        if (deadlineOrNull == null) {
            plans.remove(subject);
            return;
        }
        Plan plan = plans.computeIfAbsent(subject, s -> new Plan());
        plan.due = deadlineOrNull.toEpochMilli();
        enqueue(plan, subject);
    }

    private void enqueue(Plan plan, String subject) {
        if (plan.due < plan.queued) {
            plan.queued = plan.due;
            queue.add(new Queued(plan.due, subject));
            if (queue.size() > 2 * plans.size() + SLACK) {
                tidy();
            }
        }
    }

    /** What was queued for subjects that are gone would stay until its time. */
    private void tidy() {
        queue.removeIf(next -> {
            Plan plan = plans.get(next.subject());
            return plan == null || plan.queued != next.at();
        });
    }

    /** Subjects that wait, those that need not wait any more included. */
    int queued() {
        return queue.size();
    }

    /** Takes the subjects whose deadline is at {@code now} or before, in milliseconds since 1970. */
    List<String> due(long now) {
        List<String> due = new ArrayList<>();
        while (!queue.isEmpty() && queue.peek().at() <= now) {
            Queued next = queue.remove();
            Plan plan = plans.get(next.subject());
            if (plan == null || plan.queued != next.at()) {
                continue;
            }
            plan.queued = Long.MAX_VALUE;
            if (plan.due <= now) {
                plans.remove(next.subject());
                due.add(next.subject());
            } else {
                enqueue(plan, next.subject());
            }
        }
        return due;
    }
}
