package io.postbrake.streams;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Subjects of a task that may be forgotten when there are too many of them, in the order in which they go: those with the
 * fewest failed logins first, and of these the one that was quiet for longest. Whoever wants a guesser of a hundred tries
 * forgotten has to make a hundred tries for each subject that there is room for.
 */
final class Expendables {

    /** Ranks begin at so many failures. */
    private static final long[] BEGINS = {0, 3, 10, 30, 100};

    private final int most;
    private final List<Set<String>> ranks = List.of(
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashSet<>());

    /** {@code most}: so many there is room for. */
    Expendables(int most) {
        this.most = most;
    }

    /**
     * Takes note of a subject that something happened to.
     *
     * @param failures how many failed logins are all that is known of it; -1 when it must be kept, or is gone
     */
    void note(String subject, long failures) {
        int rank = rank(failures);
        for (int i = 0; i < BEGINS.length; i++) {
            if (ranks.get(i).remove(subject)) {
                break;
            }
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
        for (Set<String> rank : ranks) {
            Iterator<String> oldest = rank.iterator();
            if (oldest.hasNext()) {
                String subject = oldest.next();
                oldest.remove();
                return subject;
            }
        }
        return null;
    }

    int size() {
        int size = 0;
        for (Set<String> rank : ranks) {
            size += rank.size();
        }
        return size;
    }
}
