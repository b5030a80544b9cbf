package io.postbrake.policyserver;

import java.util.Arrays;

/**
 * How much was counted within the last stretch of time of one length. Time is cut into buckets of a sixtieth of it, of which
 * only those are kept that hold something: what was counted is remembered for the whole length, and at most a sixtieth
 * longer. Time that goes backwards is taken for standing still. For one thread at a time.
 */
final class SlidingCount {

    static final int BUCKETS = 60;

    private static final int FIELDS = 3;

    /** Milliseconds since 1970 at which bucket numbers begin, so that they fit. */
    private static final long BEGIN = 1_577_836_800_000L;

    private final long window;
    private final long width;
    private int[] ring = new int[FIELDS];
    private int size;
    private int messages;
    private int recipients;

    /** @param window the length, in milliseconds, at least a minute */
    SlidingCount(long window) {
        this.window = window;
        width = (window + BUCKETS - 1) / BUCKETS;
    }

    long window() {
        return window;
    }

    /** Counts at a time, in milliseconds since 1970. */
    void add(long at, int moreMessages, int moreRecipients) {
        forget(at);
        int bucket = bucket(at);
        int last = FIELDS * (size - 1);
        if (size == 0 || ring[last] < bucket) {
            if (ring.length < FIELDS * (size + 1)) {
                ring = Arrays.copyOf(ring, FIELDS * Math.min(BUCKETS + 1, 2 * size + 1));
            }
            last = FIELDS * size++;
            ring[last] = bucket;
            ring[last + 1] = 0;
            ring[last + 2] = 0;
        }
        ring[last + 1] += moreMessages;
        ring[last + 2] += moreRecipients;
        messages += moreMessages;
        recipients += moreRecipients;
    }

    /** Takes back what was counted at {@code from} or later, the oldest first: what stays is remembered no shorter than it was. */
    void takeBack(long from, int lessMessages, int lessRecipients) {
        int first = bucket(from);
        int leftMessages = lessMessages;
        int leftRecipients = lessRecipients;
        for (int i = 0; i < size; i++) {
            if (ring[FIELDS * i] >= first) {
                int m = Math.min(leftMessages, ring[FIELDS * i + 1]);
                int r = Math.min(leftRecipients, ring[FIELDS * i + 2]);
                ring[FIELDS * i + 1] -= m;
                ring[FIELDS * i + 2] -= r;
                messages -= m;
                recipients -= r;
                leftMessages -= m;
                leftRecipients -= r;
            }
        }
    }

    /** What counts at a time. */
    int count(Unit unit, long at) {
        forget(at);
        return unit == Unit.MESSAGES ? messages : recipients;
    }

    private void forget(long at) {
        int oldest = bucket(at) - BUCKETS;
        int gone = 0;
        while (gone < size && ring[FIELDS * gone] < oldest) {
            messages -= ring[FIELDS * gone + 1];
            recipients -= ring[FIELDS * gone + 2];
            gone++;
        }
        if (gone > 0) {
            size -= gone;
            System.arraycopy(ring, FIELDS * gone, ring, 0, FIELDS * size);
        }
    }

    private int bucket(long at) {
        return (int) Math.max(0, (at - BEGIN) / width);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Calls back with each bucket: a time within it, and what was counted. */
    void each(Bucket to) {
        for (int i = 0; i < size; i++) {
            to.counted(BEGIN + ring[FIELDS * i] * width, ring[FIELDS * i + 1], ring[FIELDS * i + 2]);
        }
    }

    int buckets() {
        return size;
    }

    /** Takes what {@link #each} gives. */
    interface Bucket {
        /**
         * Takes one bucket.
         *
         * @param at its beginning, in milliseconds since 1970
         */
        void counted(long at, int messages, int recipients);
    }
}
