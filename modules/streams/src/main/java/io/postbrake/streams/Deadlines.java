package io.postbrake.streams;

import io.postbrake.detection.runtime.DeadlineQueue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When each subject of a task is to be woken. */
final class Deadlines {

    private static final class Plan extends DeadlineQueue.Entry {
        Plan(String subject) {
            super(subject);
        }
    }

    private final Map<String, Plan> plans = new HashMap<>();
    private final DeadlineQueue<Plan> queue = new DeadlineQueue<>();

    /** Sets, moves or, with null, removes the deadline of a subject. */
    void set(String subject, Instant deadlineOrNull) {
        if (deadlineOrNull != null) {
            queue.plan(plans.computeIfAbsent(subject, Plan::new), deadlineOrNull.toEpochMilli());
            return;
        }
        Plan plan = plans.remove(subject);
        if (plan != null) {
            queue.plan(plan, DeadlineQueue.NEVER);
        }
    }

    /** Subjects that wait, those that need not wait any more included. */
    int queued() {
        return queue.size();
    }

    /** Takes the subjects whose deadline is at {@code now} or before, in milliseconds since 1970. */
    List<String> due(long now) {
        List<String> due = new ArrayList<>();
        while (queue.next() <= now) {
            String subject = queue.take().key();
            plans.remove(subject);
            due.add(subject);
        }
        return due;
    }
}
