package io.postbrake.streams;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Part of a store, bounded by number and by age: what came first goes first. */
final class BoundedStore<V> {

    private final ReadableStore<V> store;
    private final int most;
    /** When each came, in milliseconds since 1970, in the order of coming. */
    private final Map<String, Long> ages = new LinkedHashMap<>();

    /**
     * Takes up what the store has.
     *
     * @param prefix of the keys that belong to this part; empty for the whole store
     * @param at when a value came, in milliseconds since 1970
     */
    BoundedStore(ReadableStore<V> store, String prefix, int most, ToLongFunction<V> at) {
        this.store = store;
        this.most = most;
        List<Map.Entry<String, Long>> found = new ArrayList<>();
        store.eachOf(prefix, (key, value) -> found.add(Map.entry(key, at.applyAsLong(value))));
        found.sort(Comparator.comparingLong(Map.Entry::getValue));
        found.forEach(entry -> ages.put(entry.getKey(), entry.getValue()));
    }

    V get(String key) {
        return ages.containsKey(key) ? store.get(key) : null;
    }

    void put(String key, V value, long at) {
        ages.remove(key);
        ages.put(key, at);
        store.put(key, value);
        if (ages.size() > most) {
            remove(ages.keySet().iterator().next());
        }
    }

    void remove(String key) {
        if (ages.remove(key) != null) {
            store.delete(key);
        }
    }

    /** Forgets what came before {@code at}, in milliseconds since 1970. */
    void forgetBefore(long at) {
        Iterator<Map.Entry<String, Long>> oldest = ages.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<String, Long> entry = oldest.next();
            if (entry.getValue() >= at) {
                return;
            }
            oldest.remove();
            store.delete(entry.getKey());
        }
    }
}
