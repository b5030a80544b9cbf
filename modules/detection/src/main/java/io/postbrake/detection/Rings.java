package io.postbrake.detection;

import io.postbrake.state.Ring;
import java.util.ArrayList;
import java.util.List;

/** Counting in rings of equal buckets: bounded whatever happens. */
final class Rings {
    static final int MINUTES = 60;
    static final int HOURS = 24;

    private Rings() {}

    static Ring empty(int size) {
        List<Long> counts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            counts.add(0L);
        }
        return new Ring(0L, counts);
    }

    /** Adds to the bucket {@code index}; one that left the ring already is ignored. */
    static void add(Ring ring, long index, long amount) {
        List<Long> counts = ring.getCounts();
        int size = counts.size();
        long ahead = index - ring.getNewest();
        if (ahead > 0) {
            long shift = Math.min(ahead, size);
            for (int i = size - 1; i >= 0; i--) {
                counts.set(i, i >= shift ? counts.get((int) (i - shift)) : 0L);
            }
            ring.setNewest(index);
        }
        long back = ring.getNewest() - index;
        if (back < size) {
            counts.set((int) back, counts.get((int) back) + amount);
        }
    }

    /** Sum of the {@code span} buckets up to {@code index}. */
    static long sum(Ring ring, long index, int span) {
        if (ring == null) {
            return 0;
        }
        long sum = 0;
        for (int i = 0; i < ring.getCounts().size(); i++) {
            long bucket = ring.getNewest() - i;
            if (bucket <= index && bucket > index - span) {
                sum += ring.getCounts().get(i);
            }
        }
        return sum;
    }
}
