package io.postbrake.policysink;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Reloads of Postfix, gathered: each makes every process open its tables again, so they keep a distance. */
final class Reloads {

    private static final long DISTANCE_NS = TimeUnit.SECONDS.toNanos(10);

    private final PostfixCommands postfix;
    private final Executor background;
    private final Set<Path> wanted = new LinkedHashSet<>();
    private boolean running;
    private long last = System.nanoTime() - DISTANCE_NS;

    Reloads(PostfixCommands postfix, Executor background) {
        this.postfix = postfix;
        this.background = background;
    }

    /** Soon reloads what consults {@code table}. */
    synchronized void request(Path table) {
        wanted.add(table);
        if (!running) {
            running = true;
            background.execute(this::run);
        }
    }

    private void run() {
        try {
            for (Set<Path> tables = next(); !tables.isEmpty(); tables = next()) {
                long wait = last + DISTANCE_NS - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
                postfix.reload(tables);
                last = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The task stops.
        }
    }

    private synchronized Set<Path> next() {
        Set<Path> result = new LinkedHashSet<>(wanted);
        wanted.clear();
        running = !result.isEmpty();
        return result;
    }
}
