package io.postbrake.http;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A few threads for requests. While requests wait for a thread, one that waits for its client too long is interrupted,
 * which closes the client's connection: whoever sends a request at once is never kept from an answer by those who do not.
 */
final class RequestThreads implements Executor, AutoCloseable {

    static final int THREADS = 16;
    /** How long a request may take to come while others wait. */
    private static final long TO_COME_MS = 250;
    /** And how long its answer may take to be made and to go. */
    private static final long TO_GO_MS = 5_000;

    private static final long LOOK_EVERY_MS = 50;

    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor watch;
    /** Until when each busy thread is left alone, in nanoseconds. */
    private final Map<Thread, Long> busy = new HashMap<>();

    RequestThreads(String name) {
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons(name));
        threads.allowCoreThreadTimeOut(true);
        watch = new ScheduledThreadPoolExecutor(1, daemons(name + "-watch"));
        var unused = watch.scheduleWithFixedDelay(this::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory daemons(String name) {
        var number = new AtomicInteger();
        return task -> {
            var thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void execute(Runnable request) {
        threads.execute(() -> {
            begins(TO_COME_MS);
            try {
                request.run();
            } finally {
                ends();
            }
        });
    }

    /** The running thread has its request. False when it was too slow, and its connection is gone. */
    boolean received() {
        synchronized (busy) {
            if (Thread.interrupted()) {
                return false;
            }
            begins(TO_GO_MS);
            return true;
        }
    }

    private void begins(long patience) {
        synchronized (busy) {
            busy.put(Thread.currentThread(), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience));
        }
    }

    private void ends() {
        synchronized (busy) {
            busy.remove(Thread.currentThread());
            var unused = Thread.interrupted(); // That was meant for this request.
        }
    }

    private void look() {
        if (threads.getQueue().isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        synchronized (busy) {
            busy.forEach((thread, until) -> {
                if (until - now < 0) {
                    thread.interrupt();
                }
            });
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
        threads.shutdownNow();
    }
}
