package io.postbrake.detection.profile;

import io.postbrake.state.Bucket;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Counting in equal stretches of time, of which only those that are not empty are kept. Bounded whatever happens. */
public final class SparseWindow {
    static final int MINUTES = 60;
    public static final int HOURS = 24;
    /** Stretches kept beyond a window, so that a late event finds the whole of the windows that it belongs to. */
    private static final int SLACK = 2;

    private SparseWindow() {}

    /** The stretch {@code index}, made if it is missing; null if it has left the last {@code window} stretches. */
    static @Nullable Bucket at(List<Bucket> buckets, long index, int window) {
        int i = buckets.size();
        while (i > 0 && buckets.get(i - 1).getIndex() > index) {
            i--;
        }
        if (i > 0 && buckets.get(i - 1).getIndex() == index) {
            return buckets.get(i - 1);
        }
        long newest = buckets.isEmpty()
                ? index
                : Math.max(index, buckets.get(buckets.size() - 1).getIndex());
        long oldest = newest - window - SLACK;
        if (index <= oldest) {
            return null;
        }
        Bucket made = new Bucket();
        made.setIndex(index);
        buckets.add(i, made);
        int gone = 0;
        while (buckets.get(gone).getIndex() <= oldest) {
            gone++;
        }
        buckets.subList(0, gone).clear();
        return made;
    }

    /** The greatest sum of {@code span} stretches that end at {@code index} or, for a late event, up to the newest. */
    static long most(List<Bucket> buckets, long index, int span, ToLongFunction<Bucket> what) {
        long most = sum(buckets, index, span, what);
        long newest =
                buckets.isEmpty() ? index : buckets.get(buckets.size() - 1).getIndex();
        for (long end = index + 1; end <= newest && end <= index + SLACK; end++) {
            most = Math.max(most, sum(buckets, end, span, what));
        }
        return most;
    }

    /** Sum of the {@code span} stretches up to {@code index}. */
    static long sum(List<Bucket> buckets, long index, int span, ToLongFunction<Bucket> what) {
        long sum = 0;
        for (int i = buckets.size() - 1; i >= 0; i--) {
            Bucket b = buckets.get(i);
            if (b.getIndex() <= index - span) {
                break;
            }
            sum += b.getIndex() <= index ? what.applyAsLong(b) : 0;
        }
        return sum;
    }
}
