package io.postbrake.policysink;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What tables that hold their entries in memory answer of them. */
final class SortedEntries {

    private SortedEntries() {}

    /** Those of {@code keys} that there are. */
    static Map<String, Entry> of(NavigableMap<String, Entry> entries, Collection<String> keys) {
        Map<String, Entry> result = new HashMap<>();
        for (String key : keys) {
            Entry entry = entries.get(key);
            if (entry != null) {
                result.put(key, entry);
            }
        }
        return result;
    }

    /** At most so many behind {@code key}, in order; from the first one on when it is null. */
    static List<Map.Entry<String, Entry>> after(NavigableMap<String, Entry> entries, String key, int most) {
        return (key == null ? entries : entries.tailMap(key, false))
                .entrySet().stream().limit(most).map(Map.Entry::copyOf).toList();
    }

    /** A copy with {@code changes}; null removes. */
    static NavigableMap<String, Entry> changed(NavigableMap<String, Entry> entries, Map<String, Entry> changes) {
        NavigableMap<String, Entry> next = new TreeMap<>(entries);
        changes.forEach((key, entry) -> {
            if (entry == null) {
                next.remove(key);
            } else {
                next.put(key, entry);
            }
        });
        return next;
    }
}
