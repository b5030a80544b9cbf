package io.postbrake.report;

import java.util.HashMap;
import java.util.Map;

/** Fixed limits of messages, counted by every host for itself over the hour and the day before each message. */
final class Quotas {

    static final int AN_HOUR = 50;
    static final int A_DAY = 200;

    private static final long HOUR_MS = 3_600_000;
    private static final long DAY_MS = 24 * HOUR_MS;

    /** Times of the newest accepted messages, in a ring: older ones than the daily limit do not count. */
    private static final class Sent {
        private long[] times = new long[8];
        private int newest;
        private int count;

        private void add(long at) {
            if (count == times.length && count < A_DAY) {
                long[] larger = new long[Math.min(A_DAY, 2 * times.length)];
                for (int i = 0; i < count; i++) {
                    larger[i] = back(count - 1 - i);
                }
                times = larger;
                newest = count - 1;
            }
            newest = (newest + 1) % times.length;
            times[newest] = at;
            count = Math.min(count + 1, times.length);
        }

        /** The time of the message {@code n} before the newest. */
        private long back(int n) {
            return times[(newest - n + times.length) % times.length];
        }

        private boolean isFull(int limit, long since) {
            return count >= limit && back(limit - 1) > since;
        }
    }

    private final Map<String, Sent> sent = new HashMap<>();

    /** Whether the limits would have refused a message, which then counts for nothing. */
    boolean refuses(String host, String account, long at) {
        Sent before = sent.computeIfAbsent(host + " " + account, k -> new Sent());
        if (before.isFull(AN_HOUR, at - HOUR_MS) || before.isFull(A_DAY, at - DAY_MS)) {
            return true;
        }
        before.add(at);
        return false;
    }
}
