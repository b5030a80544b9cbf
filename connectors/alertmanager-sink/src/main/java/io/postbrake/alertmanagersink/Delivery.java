package io.postbrake.alertmanagersink;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one receiver told, in a thread of its own, and backs off while it is away. */
final class Delivery implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    /** How long a receiver may be away before that is told of. */
    private static final Duration UNTOLD_FOR = Duration.ofSeconds(10);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(250);

    private final Channel channel;
    private final Clock clock;
    private final Duration longestBackoff;
    private final Thread thread;
    private boolean news;
    private Instant failingSince;
    private volatile int failures;
    private volatile long allFailures;
    private volatile String troubleOrNull;

    Delivery(Channel channel, Clock clock, Duration longestBackoff) {
        this.channel = channel;
        this.clock = clock;
        this.longestBackoff = longestBackoff;
        this.thread = new Thread(this::run, "postbrake-alerts-" + channel.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** There is something new; one that is backing off goes on doing so. */
    synchronized void wake() {
        news = true;
        notifyAll();
    }

    String name() {
        return channel.name();
    }

    boolean available() {
        return failures == 0;
    }

    /** Why it has not been told for a while; null when all is well, or that has only just begun. */
    String troubleOrNull() {
        return troubleOrNull;
    }

    /** Failed attempts since the start. */
    long failedAttempts() {
        return allFailures;
    }

    private void run() {
        try {
            while (true) {
                Duration wait = once();
                pause(wait, failures == 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration once() throws InterruptedException {
        try {
            channel.deliver(clock.instant());
            if (failures > 0) {
                LOG.info("{} takes alerts again", channel.name());
            }
            failures = 0;
            troubleOrNull = null;
            return TICK;
        } catch (UnavailableException e) {
            return failed(e.getMessage(), e.retryAfter());
        } catch (RuntimeException e) {
            LOG.error("{}: unexpected", channel.name(), e);
            return failed(e.toString(), null);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Written by this thread only.
    private Duration failed(String why, Duration retryAfter) {
        failures++;
        allFailures++;
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 20));
        if (backoff.compareTo(longestBackoff) > 0) {
            backoff = longestBackoff;
        }
        if (retryAfter != null && retryAfter.compareTo(backoff) > 0) {
            backoff = retryAfter.compareTo(longestBackoff.multipliedBy(4)) > 0
                    ? longestBackoff.multipliedBy(4)
                    : retryAfter;
        }
        if (failures == 1) {
            failingSince = clock.instant();
        }
        if (Duration.between(failingSince, clock.instant()).compareTo(UNTOLD_FOR) >= 0) {
            troubleOrNull = channel.name() + " has taken no alerts since "
                    + failingSince.truncatedTo(ChronoUnit.SECONDS) + ": " + why;
        }
        if (failures == 1) {
            LOG.warn("{} does not take alerts: {}; trying on", channel.name(), why);
        } else {
            LOG.debug("{} does not take alerts: {}", channel.name(), why);
        }
        return backoff.multipliedBy(80 + ThreadLocalRandom.current().nextInt(40))
                .dividedBy(100);
    }

    private synchronized void pause(Duration wait, boolean wakeable) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        long left = wait.toMillis();
        while (left > 0 && !(wakeable && news)) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        news = false;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
