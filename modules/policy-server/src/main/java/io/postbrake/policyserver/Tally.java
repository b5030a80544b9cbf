package io.postbrake.policyserver;

import java.util.ArrayList;
import java.util.List;

/** What one subject spent, over each window that some limit of its kind has. Guarded by itself. */
final class Tally {

    private final SlidingCount[] counts;
    private long sequence;

    /** @param windows lengths, in milliseconds */
    Tally(long[] windows) {
        counts = new SlidingCount[windows.length];
        for (int i = 0; i < windows.length; i++) {
            counts[i] = new SlidingCount(windows[i]);
        }
    }

    synchronized int count(Limit limit, long at) {
        for (SlidingCount count : counts) {
            if (count.window() == limit.window()) {
                return count.count(limit.unit(), at);
            }
        }
        throw new IllegalStateException("nothing is counted over " + limit.window() + " ms");
    }

    /** Follows a change, unless it is one that this holds already. */
    synchronized void follow(Change change) {
        if (change.sequence() <= sequence) {
            return;
        }
        sequence = change.sequence();
        for (SlidingCount count : counts) {
            if (change.messages() < 0 || change.recipients() < 0) {
                count.takeBack(change.at(), -change.messages(), -change.recipients());
            } else {
                count.add(change.at(), change.messages(), change.recipients());
            }
        }
    }

    /** Whether nothing of it counts any more. */
    synchronized boolean isOver(long at) {
        for (SlidingCount count : counts) {
            count.count(Unit.MESSAGES, at);
            if (!count.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** All of it at this moment. */
    synchronized Kept kept() {
        List<CountedBucket> buckets = new ArrayList<>();
        for (SlidingCount count : counts) {
            count.each((at, messages, recipients) ->
                    buckets.add(new CountedBucket(count.window(), at, messages, recipients)));
        }
        return new Kept(sequence, buckets);
    }

    /** Puts back what {@link #kept} said. What was counted over a length that no limit has any more is left out. */
    synchronized void restore(Kept kept) {
        sequence = kept.sequence();
        for (CountedBucket bucket : kept.buckets()) {
            for (SlidingCount count : counts) {
                if (count.window() == bucket.window()) {
                    count.add(bucket.at(), bucket.messages(), bucket.recipients());
                }
            }
        }
    }

    /**
     * What happened to a subject's counts.
     *
     * @param sequence rises with each change of anybody
     * @param at in milliseconds since 1970; of what is taken back, when the first of it was counted
     * @param messages below zero, as recipients: so many are taken back
     */
    record Change(long sequence, long at, int messages, int recipients) {}

    /** What a tally holds, and the last change that it followed. */
    record Kept(long sequence, List<CountedBucket> buckets) {}
}
