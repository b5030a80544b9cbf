package io.postbrake.policyserver;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Subjects whose counts changed and were not told to other hosts yet. Nothing is kept until somebody asks. */
final class Changes {

    private final Set<String> subjects = new LinkedHashSet<>();
    private boolean wanted;

    /** From now on they are kept, beginning with these. */
    synchronized void begin(Collection<String> first) {
        if (!wanted) {
            wanted = true;
            subjects.addAll(first);
        }
    }

    synchronized void add(String subject) {
        if (wanted && subjects.add(subject) && subjects.size() == 1) {
            notifyAll();
        }
    }

    /** Waits for the first, at most so long; all that there are, and they are forgotten here. */
    synchronized Set<String> take(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = millis;
        while (subjects.isEmpty() && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        Set<String> result = new LinkedHashSet<>(subjects);
        subjects.clear();
        return result;
    }
}
