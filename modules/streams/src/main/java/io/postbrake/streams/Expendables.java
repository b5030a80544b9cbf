package io.postbrake.streams;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Subjects of a task that may be forgotten when there are too many of them, in the order in which they go: those with the
 * fewest failed logins first, and of these the one that was quiet for longest. Each rank has a share of the room that no
 * other takes from it: a new guesser begins with few failures, and must not be forgotten at each of them because the room is
 * full of others with some more.
 */
final class Expendables {

    /** Ranks begin at so many failures. The first has no share: addresses and ranges from where mail came, and nothing failed. */
    private static final long[] BEGINS = {0, 1, 3, 10, 30, 100};

    private final int most;
    private final int share;
    private final List<Set<String>> ranks = List.of(
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>());

    private final Map<String, Integer> rankOf = new HashMap<>();

    /** {@code most}: so many there is room for. */
    Expendables(int most) {
        this.most = most;
        this.share = most / (BEGINS.length - 1);
    }

    /**
     * Takes note of a subject that something happened to.
     *
     * @param failures how many failed logins are all that is known of it; -1 when it must be kept, or is gone
     */
    void note(String subject, long failures) {
        int rank = rank(failures);
        Integer before = rank < 0 ? rankOf.remove(subject) : rankOf.put(subject, rank);
        if (before != null) {
            ranks.get(before).remove(subject);
        }
        if (rank >= 0) {
            ranks.get(rank).add(subject);
        }
    }

    private static int rank(long failures) {
        int rank = -1;
        while (rank + 1 < BEGINS.length && failures >= BEGINS[rank + 1]) {
            rank++;
        }
        return rank;
    }

    /** Takes out the one to be forgotten now; null while there is room for all. */
    String tooMany() {
        if (size() <= most) {
            return null;
        }
        for (int i = 0; i < BEGINS.length; i++) {
            Set<String> rank = ranks.get(i);
            if (rank.size() > (i == 0 ? 0 : share)) {
                Iterator<String> oldest = rank.iterator();
                String subject = oldest.next();
                oldest.remove();
                rankOf.remove(subject);
                return subject;
            }
        }
        return null;
    }

    int size() {
        return rankOf.size();
    }
}
