package io.postbrake.policysink;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which queue ids logged-in accounts' messages have, as far as the log tells: from {@code client=} to {@code removed}.
 * Bounded: the oldest ones are forgotten first.
 */
final class QueueIndex {

    private final int most;
    private final Map<String, String> accounts = new LinkedHashMap<>();
    private final Map<String, Set<String>> ids = new LinkedHashMap<>();
    private long forgotten;

    QueueIndex(int most) {
        this.most = most;
    }

    synchronized void began(String id, String account) {
        ended(id); // A reused id is another message.
        accounts.put(id, account);
        ids.computeIfAbsent(account, a -> new LinkedHashSet<>()).add(id);
        if (accounts.size() > most) {
            Iterator<String> oldest = accounts.keySet().iterator();
            ended(oldest.next());
            forgotten++;
        }
    }

    synchronized void ended(String id) {
        String account = accounts.remove(id);
        if (account != null) {
            Set<String> all = ids.get(account);
            all.remove(id);
            if (all.isEmpty()) {
                ids.remove(account);
            }
        }
    }

    /** Whose message it is; null when that is not known. */
    synchronized String account(String id) {
        return accounts.get(id);
    }

    /** Accounts that have messages. */
    synchronized List<String> accounts() {
        return new ArrayList<>(ids.keySet());
    }

    /** Ids of an account's messages, oldest first. */
    synchronized List<String> of(String account) {
        return new ArrayList<>(ids.getOrDefault(account, Set.of()));
    }

    /** How many ids were forgotten although their messages may still wait. */
    synchronized long forgotten() {
        return forgotten;
    }
}
