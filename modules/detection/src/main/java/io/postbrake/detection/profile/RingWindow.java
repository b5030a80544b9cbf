package io.postbrake.detection.profile;

import io.postbrake.state.Ring;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counting in rings of equal buckets: bounded whatever happens. */
public final class RingWindow {
    /** Longest windows that are asked for. */
    public static final int MINUTES = 60;

    static final int HOURS = 24;
    /** Buckets kept beyond a window, so that a late event finds the whole of the windows that it belongs to. */
    private static final int SLACK = 2;

    private RingWindow() {}

    static Ring empty(int window) {
        List<Long> counts = new ArrayList<>(window + SLACK);
        for (int i = 0; i < window + SLACK; i++) {
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

    /** The greatest sum of {@code span} buckets that end at {@code index} or, for a late event, up to the newest. */
    static long most(@Nullable Ring ring, long index, int span) {
        long most = sum(ring, index, span);
        for (long end = index + 1; ring != null && end <= ring.getNewest() && end <= index + SLACK; end++) {
            most = Math.max(most, sum(ring, end, span));
        }
        return most;
    }

    /** Sum of the {@code span} buckets up to {@code index}. */
    static long sum(@Nullable Ring ring, long index, int span) {
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
