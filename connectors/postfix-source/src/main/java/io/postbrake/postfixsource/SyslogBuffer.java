package io.postbrake.postfixsource;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** Messages that were received and not taken yet, bounded by their bytes. */
final class SyslogBuffer {

    /**
     * A message and the mail host that it came from.
     *
     * @param hostId id of the host, from configuration
     * @param text the message, cut when it was over-long
     * @param length its whole length
     */
    record Received(String hostId, byte[] text, long length) {}

    /** What keeping a message costs beside its text. */
    private static final int OVERHEAD = 64;

    private final Deque<Received> messages = new ArrayDeque<>();
    private final long most;
    private long bytes;

    SyslogBuffer(long most) {
        this.most = most;
    }

    /** Waits until there is room. */
    synchronized void put(Received message) throws InterruptedException {
        while (bytes >= most) {
            wait();
        }
        add(message);
    }

    /** False when there is no room. */
    synchronized boolean offer(Received message) {
        if (bytes >= most) {
            return false;
        }
        add(message);
        return true;
    }

    private void add(Received message) {
        messages.add(message);
        bytes += message.text().length + OVERHEAD;
        notifyAll();
    }

    /** The oldest message; null when there is none. */
    synchronized Received poll() {
        Received message = messages.poll();
        if (message != null) {
            boolean full = bytes >= most;
            bytes -= message.text().length + OVERHEAD;
            if (full && bytes < most) {
                notifyAll();
            }
        }
        return message;
    }

    /** Returns when there is a message, or when time is up. */
    synchronized void await(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (messages.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    synchronized long bytes() {
        return bytes;
    }
}
