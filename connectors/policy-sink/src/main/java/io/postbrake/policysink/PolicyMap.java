package io.postbrake.policysink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * An LMDB map that Postfix reads while it is changed in place. Keys and values end in NUL as Postfix's own do. Postfix
 * takes an fcntl lock on the data file, so every write holds that lock too, on one channel that lives as long as the
 * map: closing any other descriptor of the file in this process would drop the lock.
 */
public final class PolicyMap implements AutoCloseable {

    private static final Map<Path, PolicyMap> OPEN = new ConcurrentHashMap<>();
    /** Asked before the owner file is touched: closing a second descriptor of it would drop the first one's lock. */
    private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel owner;
    private final FileChannel data;
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> dbi;

    private PolicyMap(Path path, long size) throws IOException {
        this.path = path;
        owner = own(path);
        try {
            if (!Files.exists(path) || Files.size(path) == 0) {
                create(path, size);
            }
            data = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            env = env(path, size);
            dbi = env.openDbi((String) null, DbiFlags.MDB_CREATE);
        } catch (IOException | RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Opens the map at {@code path} for writing, creating it beside and renaming it into place when there is none.
     *
     * @param size most bytes that the file may grow to
     * @throws IllegalStateException when another writer has it
     */
    public static PolicyMap open(Path path, long size) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        if (!CLAIMED.add(absolute)) {
            throw new IllegalStateException("another task in this process writes " + absolute);
        }
        PolicyMap map = null;
        try {
            map = new PolicyMap(absolute, size);
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
                        .setMaxDbs(1)
                        .open(absolute.toFile(), EnvFlags.MDB_NOSUBDIR, EnvFlags.MDB_NOLOCK, EnvFlags.MDB_RDONLY_ENV);
                Txn<ByteBuffer> txn = env.txnRead()) {
            ByteBuffer value = env.openDbi(txn, null, null, false).get(txn, nul(key));
            return Optional.ofNullable(value == null ? null : text(value));
        }
    }

    private static FileChannel own(Path path) throws IOException {
        Path parent = path.getParent();
        Files.createDirectories(parent);
        FileChannel channel = FileChannel.open(
                path.resolveSibling(path.getFileName() + ".owner"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        if (channel.tryLock() != null) {
            return channel;
        }
        channel.close();
        throw new IllegalStateException("another process writes " + path + ": one writer a map");
    }

    private static void create(Path path, long size) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (Env<ByteBuffer> env = env(fresh, size)) {
            env.openDbi((String) null, DbiFlags.MDB_CREATE);
            env.sync(true);
        }
        Files.move(fresh, path);
    }

    private static Env<ByteBuffer> env(Path path, long size) {
        return Env.create()
                .setMapSize(size)
                .setMaxDbs(1)
                .open(path.toFile(), 0644, EnvFlags.MDB_NOSUBDIR, EnvFlags.MDB_NOLOCK);
    }

    /** The value of a key, or null. */
    public synchronized String get(String key) {
        try (Txn<ByteBuffer> txn = env.txnRead()) {
            ByteBuffer value = dbi.get(txn, nul(key));
            return value == null ? null : text(value);
        }
    }

    /** Everything in the map. */
    synchronized Map<String, String> all() {
        Map<String, String> result = new LinkedHashMap<>();
        try (Txn<ByteBuffer> txn = env.txnRead();
                var entries = dbi.iterate(txn)) {
            entries.forEach(e -> result.put(text(e.key()), text(e.val())));
        }
        return result;
    }

    /**
     * Applies all changes in one transaction and reads them back; a null value removes the key.
     *
     * @throws IOException when a change is not in the map afterwards
     */
    synchronized void apply(Map<String, String> changes) throws IOException {
        try (FileLock lock = data.lock()) {
            try (Txn<ByteBuffer> txn = env.txnWrite()) {
                changes.forEach((key, value) -> {
                    if (value == null) {
                        dbi.delete(txn, nul(key));
                    } else {
                        dbi.put(txn, nul(key), nul(value));
                    }
                });
                txn.commit();
            }
            if (!lock.isValid()) {
                throw new IOException("the lock of " + path + " was lost while writing");
            }
        } catch (LmdbException e) {
            throw new IOException(path + " refused a change (is the map or the disk full?): " + e.getMessage(), e);
        }
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String there = get(change.getKey());
            if (!Objects.equals(there, change.getValue())) {
                throw new IOException("read back of " + path + " differs for one key: is the disk full?");
            }
        }
    }

    private static ByteBuffer nul(String s) {
        byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 1);
        buffer.put(bytes).put((byte) 0).flip();
        return buffer;
    }

    private static String text(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void close() throws IOException {
        if (!OPEN.remove(path, this)) {
            return;
        }
        dbi.close();
        env.close();
        data.close();
        owner.close();
        CLAIMED.remove(path);
    }
}
