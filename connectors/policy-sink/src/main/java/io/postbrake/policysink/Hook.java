package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a site's own command on this host after a block is in force, after it became another one, and after it ended. Nothing
 * waits for it: a block is never later for it. Runs of one subject come one after another, in order.
 */
final class Hook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hook.class);
    /** What was decided longer ago, and is found at a start, is no news. */
    private static final Duration NEWS = Duration.ofHours(1);

    private final HookConfig config;
    private final String hostId;
    private final Clock clock;
    private final HookLedger ledger;
    private final List<ThreadPoolExecutor> workers = new ArrayList<>();
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    private Hook(HookConfig config, String hostId, Path file, Clock clock) throws IOException {
        this.config = config;
        this.hostId = hostId;
        this.clock = clock;
        ledger = new HookLedger(file);
        int each = Math.max(1, config.queue() / config.concurrency());
        for (int i = 0; i < config.concurrency(); i++) {
            workers.add(new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(each), task -> {
                var thread = new Thread(task, "postbrake-hook");
                thread.setDaemon(true);
                return thread;
            }));
        }
        LOG.info("{} is run after a block and after its end", config.command().get(0));
    }

    /**
     * Begins; null when no command is configured.
     *
     * @param file remembers for which blocks it was run
     */
    static Hook beginOrNull(HookConfig config, String hostId, Path file, Clock clock) throws IOException {
        return config.command().isEmpty() ? null : new Hook(config, hostId, file, clock);
    }

    /** A block is in a table; {@code restored} when that was found at the start. */
    void inForce(String subject, Wanted block, boolean restored) {
        if (!restored || block.at().plus(NEWS).isAfter(clock.instant())) {
            later(subject, () -> {
                String what = what(block);
                String before = ledger.of(subject);
                if (!what.equals(before)) {
                    run(subject, before == null ? "block" : "change", block);
                    ledger.put(subject, what);
                }
            });
        }
    }

    /** A block is in no table any more. */
    void gone(String subject) {
        later(subject, () -> {
            if (ledger.of(subject) != null) {
                run(subject, "unblock", null);
                ledger.put(subject, null);
            }
        });
    }

    private static String what(Wanted block) {
        String id = block.blockId() == null ? "operator " + block.at() : block.blockId();
        return id + " " + Replies.action(block).word();
    }

    private interface Turn {
        void take() throws IOException, InterruptedException;
    }

    private void later(String subject, Turn turn) {
        try {
            workers.get(Math.floorMod(subject.hashCode(), workers.size())).execute(() -> {
                try {
                    turn.take();
                } catch (IOException | RuntimeException e) {
                    failures.incrementAndGet();
                    LOG.error("{} could not be run: {}", config.command().get(0), e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        } catch (RejectedExecutionException e) {
            dropped.incrementAndGet();
            LOG.error(
                    "{} is not run for {}: too many runs wait", config.command().get(0), inert(subject));
        }
    }

    private void run(String subject, String event, Wanted blockOrNull) throws IOException, InterruptedException {
        runs.incrementAndGet();
        HookRun.Outcome outcome = HookRun.run(
                config.command(), HookInput.json(event, subject, blockOrNull, hostId, now()), config.timeout());
        String program = config.command().get(0);
        String said = outcome.said().isEmpty() ? "" : ": " + outcome.said();
        if (outcome.timedOut()) {
            failures.incrementAndGet();
            LOG.error(
                    "{} for the {} of {} was ended after {} ms{}",
                    program,
                    event,
                    inert(subject),
                    config.timeout().toMillis(),
                    said);
        } else if (outcome.status() != 0) {
            failures.incrementAndGet();
            LOG.error("{} for the {} of {} exited with {}{}", program, event, inert(subject), outcome.status(), said);
        } else {
            LOG.info("{} for the {} of {} exited with 0{}", program, event, inert(subject), said);
        }
    }

    private Instant now() {
        return clock.instant();
    }

    private static String inert(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]", "?");
    }

    /** How often it was begun. */
    long runs() {
        return runs.get();
    }

    /** Runs that could not begin, took too long, or exited with another status than 0. */
    long failures() {
        return failures.get();
    }

    /** Runs that were left out because too many waited. */
    long dropped() {
        return dropped.get();
    }

    /** Runs that wait. */
    long waiting() {
        return workers.stream().mapToLong(worker -> worker.getQueue().size()).sum();
    }

    @Override
    public void close() {
        workers.forEach(ThreadPoolExecutor::shutdownNow);
    }
}
