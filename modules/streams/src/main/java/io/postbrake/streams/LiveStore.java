package io.postbrake.streams;

import io.postbrake.wire.BadRecordException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Values of a store as objects, which are written to it before a commit, however often they changed since the last one; what came
 * and went between two commits is never written. Reading and writing the bytes of a value costs more than most of what is done
 * with it. A task that dies loses what was not written together with the rest of its transaction.
 */
final class LiveStore<V> {

    /** So many changed values wait for the commit. */
    private static final int MOST_UNWRITTEN = 5_000;

    private final ReadableStore<V> store;
    private final UnaryOperator<V> read;
    private final int most;
    /** What was used last stands last; never more than {@link #most} that are written already. */
    private final Map<String, Entry<V>> live = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<String> unwritten = new LinkedHashSet<>();
    /** What was taken out last, so that it need not be looked up when it comes back. */
    private String taken;

    private boolean takenWasStored;

    /** A value, or null when it is to be deleted, and whether the store has something under its key. */
    private static final class Entry<V> {
        private V value;
        private boolean stored;

        Entry(V value, boolean stored) {
            this.value = value;
            this.stored = stored;
        }
    }

    /**
     * Over a store that nobody else writes.
     *
     * @param most so many values are kept as objects, which are some ten times as large as their bytes
     * @param read what is done with a value that comes from the store
     */
    LiveStore(ReadableStore<V> store, CommitHook commits, int most, UnaryOperator<V> read) {
        this.store = store;
        this.most = most;
        this.read = read;
        commits.before(store.name(), this::write);
    }

    /** The value itself, or null: who changes it puts it back. */
    V get(String key) {
        taken = null;
        Entry<V> known = live.get(key);
        if (known == null) {
            V value = stored(key);
            if (value == null) {
                return null;
            }
            known = new Entry<>(value, true);
            keep(key, known);
        }
        return known.value;
    }

    private V stored(String key) {
        V value = store.get(key);
        return value == null ? null : read.apply(value);
    }

    /** The value, or null, which is read from the store again unless it is put back: a change that failed half-way is forgotten. */
    V take(String key) {
        Entry<V> known = live.get(key);
        if (known != null && known.value == null) {
            taken = null;
            return null; // It is still to be deleted, whether something is put back or not.
        }
        live.remove(key);
        unwritten.remove(key);
        if (known == null) {
            V value = stored(key);
            known = new Entry<>(value, value != null);
        }
        taken = key;
        takenWasStored = known.stored;
        return known.value;
    }

    /** Keeps a value, or, with null, nothing. */
    void put(String key, V valueOrNull) {
        Entry<V> known = live.get(key);
        if (known == null) {
            known = new Entry<>(valueOrNull, isStored(key, valueOrNull == null));
            keep(key, known);
        }
        taken = null;
        known.value = valueOrNull;
        if (valueOrNull == null && !known.stored) {
            // It came and went; dead entries that are kept would only grow old.
            live.remove(key);
            unwritten.remove(key);
            return;
        }
        unwritten.add(key);
        if (unwritten.size() > MOST_UNWRITTEN) {
            write();
        }
    }

    private boolean isStored(String key, boolean toBeDeleted) {
        if (key.equals(taken)) {
            return takenWasStored;
        }
        return toBeDeleted || store.get(key) != null; // One that is not there may be deleted.
    }

    void delete(String key) {
        put(key, null);
    }

    /** Hands over every value as it is in the store, which has all of them then. */
    void each(BiConsumer<String, V> taker) {
        write();
        store.each(taker);
    }

    private void keep(String key, Entry<V> entry) {
        live.put(key, entry);
        Iterator<String> oldest = live.keySet().iterator();
        while (live.size() - unwritten.size() > most) {
            if (!unwritten.contains(oldest.next())) {
                oldest.remove();
            }
        }
    }

    /** Writes what changed. A value that cannot be written is told of, and its key is as it was at the last commit. */
    void write() {
        List<String> keys = List.copyOf(unwritten);
        unwritten.clear();
        for (String key : keys) {
            Entry<V> entry = live.get(key);
            try {
                store.put(key, entry.value);
                entry.stored = true;
                if (entry.value == null) {
                    live.remove(key);
                }
            } catch (BadRecordException e) {
                live.remove(key);
                store.unwritable(key, e);
            }
        }
    }
}
