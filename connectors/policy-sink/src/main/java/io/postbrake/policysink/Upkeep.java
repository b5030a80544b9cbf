package io.postbrake.policysink;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes on by the clock. It is done whenever Connect hands something over, be it nothing; when Connect does not, because a
 * converter waits for a registry that is away, it is done in the background. Never at the same time as anything else.
 */
final class Upkeep implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    /** Connect polls at least every second. */
    private static final Duration STUCK = Duration.ofSeconds(3);

    private static final Duration TOLD = Duration.ofSeconds(30);

    private final HostPolicy policy;
    private final HostDuties duties;
    private final ScheduledExecutorService clock;
    private long handedAt = System.nanoTime();

    Upkeep(HostPolicy policy, HostDuties duties) {
        this.policy = policy;
        this.duties = duties;
        clock = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "postbrake-enforcer-upkeep");
            thread.setDaemon(true);
            return thread;
        });
        var unused = clock.scheduleWithFixedDelay(this::check, 1, 1, TimeUnit.SECONDS);
    }

    /** Something that changes what is to be enforced. */
    interface Work {
        void run() throws IOException;
    }

    /** Does the work, and what is due by the clock. */
    synchronized void with(Work work) throws IOException {
        try {
            work.run();
            policy.write();
            policy.tick();
            duties.tick(null);
        } catch (IOException e) {
            policy.abandon();
            duties.tick(e.getMessage());
            throw e;
        } finally {
            handedAt = System.nanoTime();
        }
    }

    private synchronized void check() {
        long silent = System.nanoTime() - handedAt;
        if (silent < STUCK.toNanos()) {
            return;
        }
        try {
            policy.tick();
            duties.tick(
                    silent < TOLD.toNanos()
                            ? null
                            : "new records cannot be read (is the registry away?); entries still end");
        } catch (IOException e) {
            policy.abandon();
            duties.tick(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("what is due by the clock was not done", e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        try {
            var unused = clock.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
