package io.postbrake.app;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB's memory lies outside of Java's heap, and by default each store of each partition may take some 100 MB of it. Here
 * all stores of the process share one budget.
 */
public final class StoreMemory implements RocksDBConfigSetter {

    private static final long BYTES = 96L << 20;
    private static final long WRITE_BUFFER_BYTES = 4L << 20;

    /** Made with the first store, since RocksDB's library must be loaded before, and kept as long as the process lives. */
    private static final class Shared {
        private static final Cache CACHE = new LRUCache(BYTES);
        private static final WriteBufferManager BUFFERS = new WriteBufferManager(BYTES / 2, CACHE);
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        var table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(Shared.CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(Shared.BUFFERS);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    }

    @Override
    public void close(String store, Options options) {}
}
