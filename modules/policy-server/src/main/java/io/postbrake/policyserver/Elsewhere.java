package io.postbrake.policyserver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What other hosts counted, as they said it last. */
final class Elsewhere {

    private final Map<String, Map<String, Tally>> subjects = new ConcurrentHashMap<>();

    /** What all of them counted of a subject. */
    long count(String subject, Limit limit, long now) {
        Map<String, Tally> hosts = subjects.get(subject);
        long sum = 0;
        if (hosts != null) {
            for (Tally tally : hosts.values()) {
                sum += tally.count(limit, now);
            }
        }
        return sum;
    }

    /**
     * A host said what it counted; with no buckets, that nothing counts any more.
     *
     * @param windows lengths that count here
     */
    void said(String host, String subject, long[] windows, List<CountedBucket> buckets) {
        subjects.compute(subject, (name, known) -> {
            Map<String, Tally> hosts = known == null ? new ConcurrentHashMap<>(4) : known;
            if (buckets.isEmpty()) {
                hosts.remove(host);
            } else {
                var tally = new Tally(windows);
                tally.restore(new Tally.Kept(0, buckets));
                hosts.put(host, tally);
            }
            return hosts.isEmpty() ? null : hosts;
        });
    }

    /** Drops what does not count any more: a host that is gone says nothing of it. */
    void forget(long now) {
        for (String subject : subjects.keySet()) {
            subjects.computeIfPresent(subject, (name, hosts) -> {
                hosts.values().removeIf(tally -> tally.isOver(now));
                return hosts.isEmpty() ? null : hosts;
            });
        }
    }

    boolean knows(String subject) {
        return subjects.containsKey(subject);
    }

    int size() {
        return subjects.size();
    }
}
