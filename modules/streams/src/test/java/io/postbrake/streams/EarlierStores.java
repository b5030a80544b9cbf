package io.postbrake.streams;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;

/** Gives the store of subjects the bytes that an earlier build left, as if they had been restored. */
public final class EarlierStores extends BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers {

    @Override
    public KeyValueBytesStoreSupplier keyValueStore(DslKeyValueParams params) {
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return params.name();
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return new Restored(params.name());
            }

            @Override
            public String metricsScope() {
                return "in-memory";
            }
        };
    }

    private static final class Restored extends InMemoryKeyValueStore {

        Restored(String name) {
            super(name);
        }

        @Override
        public void init(StateStoreContext context, StateStore root) {
            super.init(context, root);
            Earlier.records(name())
                    .forEach(kept -> put(Bytes.wrap(kept.key().getBytes(StandardCharsets.UTF_8)), kept.value()));
        }
    }
}
