package io.postbrake.policysink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An LMDB map that Postfix reads while it is changed in place. Postfix takes an fcntl lock on the data file, so every
 * write holds that lock too, on one channel that lives as long as the file is open: closing any other descriptor of the
 * file in this process would drop the lock. A map that is missing, unreadable or damaged is lost: nothing is put in its
 * place before it can be built whole, since Postfix refuses everybody without a map but nobody by an empty one.
 */
public final class PolicyMap implements PolicyTable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyMap.class);
    private static final Map<Path, PolicyMap> OPEN = new ConcurrentHashMap<>();
    /** Asked before the owner file is touched: closing a second descriptor of it would drop the first one's lock. */
    private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

    private static final long FIRST_SIZE = 64L << 20;
    /** Address space of a reader, more than any map has. */
    private static final long READ_SIZE = 1L << 36;

    /** Entries of one transaction: lookups wait while it is written. */
    private static final int BATCH = 1000;

    private static final int BUILD_BATCH = 50_000;
    private static final long LOCK_PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final Path path;
    private final long limit;
    private final FileChannel owner;
    private final MapBytes bytes = new MapBytes();
    private FileChannel data;
    private Env<ByteBuffer> env;
    private Dbi<ByteBuffer> dbi;
    private long mapSize;
    private Object fileKey;
    private long leastSize;
    private volatile long longestWait;
    private volatile long lockFailures;

    private PolicyMap(Path path, long limit) throws IOException {
        this.path = path;
        this.limit = limit;
        owner = own(path);
        boolean attached = false;
        try {
            attach();
            attached = true;
        } finally {
            // An Error too: LMDB's library is loaded here, and the next try must say again why it cannot be.
            if (!attached) {
                owner.close();
            }
        }
    }

    /**
     * Claims the map at {@code path} for writing. It is created, or built anew when damaged, by {@link #rebuild} only.
     *
     * @param limit most bytes that the file may grow to
     * @throws IllegalStateException when another writer has it
     */
    public static PolicyMap open(Path path, long limit) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        if (!CLAIMED.add(absolute)) {
            throw new IllegalStateException("another task in this process writes " + absolute);
        }
        PolicyMap map = null;
        try {
            map = new PolicyMap(absolute, limit);
            OPEN.put(absolute, map);
            return map;
        } finally {
            if (map == null) {
                CLAIMED.remove(absolute);
            }
        }
    }

    /** What the map at {@code path} says of {@code key}; empty also when there is no map. */
    public static Optional<String> read(Path path, String key) {
        Path absolute = path.toAbsolutePath().normalize();
        PolicyMap open = OPEN.get(absolute);
        if (open != null) {
            return Optional.ofNullable(open.get(key));
        }
        if (!Files.exists(absolute)) {
            return Optional.empty();
        }
        try (Env<ByteBuffer> env = Env.create()
                        .setMapSize(READ_SIZE) // The writer may let it grow at any moment.
                        .setMaxDbs(1)
                        .open(absolute.toFile(), EnvFlags.MDB_NOSUBDIR, EnvFlags.MDB_NOLOCK, EnvFlags.MDB_RDONLY_ENV);
                Txn<ByteBuffer> txn = env.txnRead()) {
            ByteBuffer value = env.openDbi(txn, null, null, false).get(txn, new MapBytes().key(key));
            return Optional.ofNullable(
                    value == null ? null : MapBytes.entry(value).reply());
        }
    }

    private static FileChannel own(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        FileChannel channel = FileChannel.open(
                path.resolveSibling(path.getFileName() + ".owner"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        TableAccess.keep(path.resolveSibling(path.getFileName() + ".owner"));
        if (channel.tryLock() != null) {
            return channel;
        }
        channel.close();
        throw new IllegalStateException("another process writes " + path + ": one writer a map");
    }

    /** Opens the file if it is whole; otherwise the map stays lost. */
    private void attach() throws IOException {
        FileChannel opened;
        try {
            opened = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            LOG.info("{} is not there: it will be built once the topics were read", path);
            return;
        } catch (IOException e) {
            LOG.warn("{} cannot be read ({}): it will be built anew once the topics were read", path, e.toString());
            return;
        }
        Optional<String> flaw = MapCheck.flaw(opened);
        if (flaw.isPresent()) {
            opened.close();
            LOG.error(
                    "{} is damaged, {}: Postfix refuses all mail until it is built anew from the topics",
                    path,
                    flaw.get());
            return;
        }
        TableAccess.settle(path);
        mapSize = Math.min(limit, Math.max(FIRST_SIZE, 2 * opened.size()));
        try {
            env = env(path, mapSize);
            dbi = env.openDbi((String) null, DbiFlags.MDB_CREATE);
        } catch (RuntimeException e) {
            if (env != null) {
                env.close();
                env = null;
            }
            opened.close();
            throw e;
        }
        data = opened;
        remember();
    }

    private void remember() throws IOException {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        fileKey = attributes.fileKey();
        leastSize = attributes.size();
    }

    private static Env<ByteBuffer> env(Path path, long size, EnvFlags... more) {
        EnvFlags[] flags = new EnvFlags[more.length + 2];
        flags[0] = EnvFlags.MDB_NOSUBDIR;
        flags[1] = EnvFlags.MDB_NOLOCK;
        System.arraycopy(more, 0, flags, 2, more.length);
        return Env.create().setMapSize(size).setMaxDbs(1).open(path.toFile(), 0600, flags);
    }

    @Override
    public Path path() {
        return path;
    }

    /** The reply that a key has, or null. */
    public synchronized String get(String key) {
        try {
            Entry entry = entries(List.of(key)).get(key);
            return entry == null ? null : entry.reply();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public synchronized Map<String, Entry> entries(Collection<String> keys) throws IOException {
        Map<String, Entry> result = new HashMap<>();
        if (lost()) {
            return result;
        }
        try (Txn<ByteBuffer> txn = env.txnRead()) {
            for (String key : keys) {
                ByteBuffer value = dbi.get(txn, bytes.key(key));
                if (value != null) {
                    result.put(key, MapBytes.entry(value));
                }
            }
        } catch (LmdbException e) {
            throw damaged(e);
        }
        return result;
    }

    @Override
    public synchronized List<Map.Entry<String, Entry>> after(String key, int most) throws IOException {
        List<Map.Entry<String, Entry>> result = new ArrayList<>();
        if (lost()) {
            return result;
        }
        KeyRange<ByteBuffer> range = key == null ? KeyRange.all() : KeyRange.greaterThan(bytes.key(key));
        try (Txn<ByteBuffer> txn = env.txnRead();
                var entries = dbi.iterate(txn, range)) {
            for (var each : entries) {
                if (result.size() == most) {
                    break;
                }
                result.add(Map.entry(MapBytes.text(each.key()), MapBytes.entry(each.val())));
            }
        } catch (LmdbException e) {
            throw damaged(e);
        }
        return result;
    }

    @Override
    public synchronized boolean lost() {
        if (env == null) {
            return true;
        }
        try {
            // By name, and without opening it: LMDB would touch pages that are gone, and that ends the process.
            var now = Files.readAttributes(path, BasicFileAttributes.class);
            if (Objects.equals(now.fileKey(), fileKey) && now.size() >= leastSize) {
                return false;
            }
            LOG.error("{} was replaced or cut by somebody else: it is built anew", path);
        } catch (IOException e) {
            LOG.error("{} is gone ({}): it is built anew", path, e.toString());
        }
        detach();
        return true;
    }

    @Override
    public synchronized void apply(Map<String, Entry> changes) throws IOException {
        if (lost()) {
            throw new IOException(path + " is lost");
        }
        List<Map.Entry<String, Entry>> batch = new ArrayList<>(Math.min(BATCH, changes.size()));
        for (Map.Entry<String, Entry> change : changes.entrySet()) {
            batch.add(change);
            if (batch.size() == BATCH) {
                commit(batch);
                batch.clear();
            }
        }
        commit(batch);
    }

    private void commit(List<Map.Entry<String, Entry>> batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        for (; ; ) {
            try (FileLock lock = lock()) {
                write(batch);
                if (!lock.isValid()) {
                    throw new IOException("the lock of " + path + " was lost while writing");
                }
                break;
            } catch (Env.MapFullException e) {
                grow(e);
            } catch (LmdbException e) {
                throw damaged(e);
            }
        }
        readBack(batch);
        leastSize = Math.max(leastSize, data.size());
    }

    private void write(List<Map.Entry<String, Entry>> batch) {
        try (Txn<ByteBuffer> txn = env.txnWrite()) {
            for (Map.Entry<String, Entry> change : batch) {
                if (change.getValue() == null) {
                    dbi.delete(txn, bytes.key(change.getKey()));
                } else {
                    dbi.put(txn, bytes.key(change.getKey()), bytes.value(change.getValue()));
                }
            }
            txn.commit();
        }
    }

    private void readBack(List<Map.Entry<String, Entry>> batch) throws IOException {
        try (Txn<ByteBuffer> txn = env.txnRead()) {
            for (Map.Entry<String, Entry> change : batch) {
                ByteBuffer value = dbi.get(txn, bytes.key(change.getKey()));
                Entry there = value == null ? null : MapBytes.entry(value);
                if (!Objects.equals(there, change.getValue())) {
                    throw new IOException("read back of " + path + " differs for one key: is the disk full?");
                }
            }
        } catch (LmdbException e) {
            throw damaged(e);
        }
    }

    private void grow(Env.MapFullException full) throws IOException {
        long larger = Math.min(limit, 2 * mapSize);
        if (larger <= mapSize) {
            throw new IOException(path + " is full at its limit of " + limit + " bytes: raise policy.map.size", full);
        }
        env.setMapSize(larger);
        mapSize = larger;
        LOG.info("{} may grow to {} bytes now", path, larger);
    }

    private IOException damaged(LmdbException e) {
        boolean broken = e instanceof org.lmdbjava.LmdbNativeException.PageCorruptedException
                || e instanceof org.lmdbjava.LmdbNativeException.PageNotFoundException
                || e instanceof org.lmdbjava.LmdbNativeException.PanicException;
        if (broken) {
            LOG.error("{} is damaged ({}): it is built anew", path, e.getMessage());
            detach();
        }
        return new IOException(path + " refused a change (is the disk full?): " + e.getMessage(), e);
    }

    /** Somebody who holds the lock for ever must not hang the task, which also has other work. */
    private FileLock lock() throws IOException {
        long began = System.nanoTime();
        for (long pause = 20_000; ; pause = Math.min(2 * pause, 1_000_000)) {
            FileLock lock = data.tryLock();
            if (lock != null) {
                longestWait = Math.max(longestWait, System.nanoTime() - began);
                return lock;
            }
            if (System.nanoTime() - began > LOCK_PATIENCE_NS) {
                longestWait = Math.max(longestWait, System.nanoTime() - began);
                lockFailures++;
                throw new IOException("somebody else holds the lock of " + path + " for over "
                        + TimeUnit.NANOSECONDS.toSeconds(LOCK_PATIENCE_NS)
                        + " s, so that no block can be written: `lslocks` says who");
            }
            LockSupport.parkNanos(pause);
        }
    }

    @Override
    public synchronized void rebuild(Contents contents) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        long size = FIRST_SIZE;
        for (; ; ) {
            try {
                build(fresh, Math.min(size, limit), contents);
                break;
            } catch (Env.MapFullException e) {
                Files.deleteIfExists(fresh);
                if (size >= limit) {
                    throw new IOException(path + " is full at its limit of " + limit + " bytes", e);
                }
                size *= 4;
            } catch (LmdbException e) {
                Files.deleteIfExists(fresh);
                throw new IOException(fresh + " cannot be built: " + e.getMessage(), e);
            }
        }
        TableAccess.settle(fresh);
        detach();
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
        attach();
        if (env == null) {
            throw new IOException(path + " was built but cannot be read");
        }
    }

    private static void build(Path fresh, long size, Contents contents) throws IOException {
        try (Env<ByteBuffer> env = env(fresh, size, EnvFlags.MDB_NOSYNC)) {
            Dbi<ByteBuffer> dbi = env.openDbi((String) null, DbiFlags.MDB_CREATE);
            try (var build = new Build(env, dbi)) {
                contents.each(build);
                build.commit();
            }
            env.sync(true);
        }
    }

    /** Puts entries in transactions of a bounded size. */
    private static final class Build implements BiConsumer<String, Entry>, AutoCloseable {
        private final Env<ByteBuffer> env;
        private final Dbi<ByteBuffer> dbi;
        private final MapBytes bytes = new MapBytes();
        private Txn<ByteBuffer> txn;
        private int count;

        Build(Env<ByteBuffer> env, Dbi<ByteBuffer> dbi) {
            this.env = env;
            this.dbi = dbi;
            txn = env.txnWrite();
        }

        @Override
        public void accept(String key, Entry entry) {
            dbi.put(txn, bytes.key(key), bytes.value(entry));
            if (++count % BUILD_BATCH == 0) {
                commit();
                txn = env.txnWrite();
            }
        }

        void commit() {
            txn.commit();
            txn.close();
        }

        @Override
        public void close() {
            txn.close();
        }
    }

    @Override
    public synchronized long count() {
        if (env == null) {
            return 0;
        }
        try (Txn<ByteBuffer> txn = env.txnRead()) {
            return dbi.stat(txn).entries;
        }
    }

    @Override
    public synchronized long size() {
        try {
            return env == null ? 0 : data.size();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public long longestLockWait() {
        return TimeUnit.NANOSECONDS.toMillis(longestWait);
    }

    @Override
    public long lockFailures() {
        return lockFailures;
    }

    private void detach() {
        if (env == null) {
            return;
        }
        dbi.close();
        env.close();
        env = null;
        try {
            data.close();
        } catch (IOException e) {
            LOG.warn("closing {}: {}", path, e.getMessage());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (!OPEN.remove(path, this)) {
            return;
        }
        detach();
        owner.close();
        CLAIMED.remove(path);
    }
}
