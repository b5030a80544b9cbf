package io.postbrake.streams;

import io.postbrake.wire.BadRecordException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A state store whose entries cost only themselves when they cannot be read: such an entry, which came from the store's
 * changelog, goes to the dead letters, is counted under the store's name, and is forgotten, so that its key begins anew.
 */
final class ReadableStore<V> {

    private static final Logger LOG = LoggerFactory.getLogger(ReadableStore.class);

    private final String name;
    private final String changelog;
    private final KeyValueStore<String, V> store;
    private final ProcessingContext context;
    private final BadRecords bad;

    private ReadableStore(String name, KeyValueStore<String, V> store, ProcessingContext context) {
        this.name = name;
        this.store = store;
        this.context = context;
        this.changelog = context.applicationId() + "-" + name + "-changelog";
        this.bad = BadRecords.of(context.appConfigs());
    }

    /** The store {@code name} of a processor that has this context. */
    static <V> ReadableStore<V> of(String name, ProcessingContext context) {
        return new ReadableStore<>(name, context.<KeyValueStore<String, V>>getStateStore(name), context);
    }

    String name() {
        return name;
    }

    V get(String key) {
        try {
            return store.get(key);
        } catch (BadRecordException e) {
            if (e.recordOrNull() == null) {
                throw e; // It is the key that is none, and nothing is stored under it.
            }
            forget(key, e);
            return null;
        }
    }

    /** Keeps a value, or, with null, nothing. */
    void put(String key, V valueOrNull) {
        store.put(key, valueOrNull);
    }

    void delete(String key) {
        store.put(key, null); // Its own way of deleting reads what was there.
    }

    /** Hands over every entry; one that {@code taker} cannot take is passed over and stays. */
    void each(BiConsumer<String, V> taker) {
        eachOf("", taker);
    }

    /** The same of the entries whose keys begin with {@code prefix}. */
    void eachOf(String prefix, BiConsumer<String, V> taker) {
        var unused = take(
                prefix.isEmpty() ? store.all() : store.prefixScan(prefix, new StringSerializer()), () -> true, taker);
    }

    /**
     * The same of the entries behind a key, in the order of keys, for as long as there is time.
     *
     * @param after where the last call ended; empty for all
     * @return where this one ended; null when it came to the end
     */
    String eachAfter(String after, BooleanSupplier hasTime, BiConsumer<String, V> taker) {
        // Nothing lies between a key and the same with a zero behind it.
        return take(after.isEmpty() ? store.all() : store.range(after + '\0', null), hasTime, taker);
    }

    private String take(KeyValueIterator<String, V> entries, BooleanSupplier hasTime, BiConsumer<String, V> taker) {
        List<String> keys = new ArrayList<>();
        List<BadRecordException> unreadable = new ArrayList<>();
        String last = null;
        try (entries) {
            while (entries.hasNext() && (last == null || hasTime.getAsBoolean())) {
                last = entries.peekNextKey();
                try {
                    take(taker, entries.next());
                } catch (BadRecordException e) {
                    keys.add(last);
                    unreadable.add(e);
                }
            }
            if (!entries.hasNext()) {
                last = null;
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            forget(keys.get(i), unreadable.get(i));
        }
        return last;
    }

    private void take(BiConsumer<String, V> taker, KeyValue<String, V> entry) {
        try {
            taker.accept(entry.key, entry.value);
        } catch (RuntimeException e) {
            bad.unjudged(name, entry.key, e);
        }
    }

    /** Tells of a value that this store cannot keep. */
    void unwritable(String key, BadRecordException why) {
        bad.unjudged(name, key, why);
    }

    private void forget(String key, BadRecordException why) {
        bad.unreadable(
                name,
                new DeadLetter(
                        changelog,
                        context.taskId().partition(),
                        -1,
                        context.currentSystemTimeMs(),
                        null,
                        key.getBytes(StandardCharsets.UTF_8),
                        why.recordOrNull(),
                        why));
        try {
            delete(key);
        } catch (BadRecordException e) {
            LOG.warn("{} keeps an entry whose key is none of ours: {}", name, e.getMessage());
        }
    }
}
