package io.postbrake.streams;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * Tells a processor that its task is about to commit, while what it writes still belongs to the transaction. Kafka Streams tells
 * nobody but the caches over its stores, so this is a store without content that passes for such a cache.
 */
final class CommitHook implements StateStore, CachedStateStore<byte[], byte[]> {

    private final String name;
    private final Map<String, Runnable> works = new LinkedHashMap<>();
    private boolean open;

    private CommitHook(String name) {
        this.name = name;
    }

    /** What a topology adds, and connects with the processor that is to be told. */
    static StoreBuilder<CommitHook> builder(String name) {
        return new Builder(name);
    }

    static CommitHook of(String name, ProcessingContext context) {
        return context.getStateStore(name);
    }

    /**
     * Runs {@code work} in the task's thread before each of its commits from now on, behind what was registered earlier and in place
     * of what had the same name: a task that was suspended goes on with its stores as they are and with processors that begin anew.
     */
    void before(String what, Runnable work) {
        works.put(what, work);
    }

    @Override
    public void flushCache() {
        works.values().forEach(Runnable::run);
    }

    /** The task begins anew, and so do its processors. */
    @Override
    public void clearCache() {
        works.clear();
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
        return false; // Nothing is ever flushed to anybody.
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        works.clear();
        open = true;
        context.register(root, (key, value) -> {});
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    private record Builder(String name) implements StoreBuilder<CommitHook> {

        @Override
        public CommitHook build() {
            return new CommitHook(name);
        }

        @Override
        public StoreBuilder<CommitHook> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
            throw new UnsupportedOperationException("it has no content");
        }

        @Override
        public StoreBuilder<CommitHook> withLoggingDisabled() {
            return this;
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }
}
