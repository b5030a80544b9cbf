package io.postbrake.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of the state on disk: closed to others, and with RocksDB's library in it. */
final class StateDir {

    private static final Logger LOG = LoggerFactory.getLogger(StateDir.class);
    private static final String LIBRARY = "library";
    /** By what name RocksDB has its library in its jar, and by what name it looks for it elsewhere. */
    private static final String PACKED = Environment.getJniLibraryFileName("rocksdb");

    private static final String LOADED = Environment.getJniLibraryFileName("rocksdbjni");
    private static final Pattern TASK = Pattern.compile("\\d+_\\d+");
    private static final String CHECKPOINT = ".checkpoint";

    private final Path dir;

    StateDir(Path dir) {
        this.dir = dir;
    }

    /**
     * Makes it, closes it, and loads RocksDB's library from it. RocksDB itself unpacks 15 MB into the directory for temporary
     * files at each start, and whoever is killed leaves them there.
     *
     * @throws IllegalArgumentException when there can be no state
     */
    void prepare() {
        try {
            Files.createDirectories(dir);
            close();
            load(library());
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "state.dir is '" + dir + "', which cannot be written (" + reason(e)
                            + "): give a directory of the service's own",
                    e);
        }
    }

    /**
     * Once Streams has its lock, and before it begins: closes again what Streams opened to the group, and removes what is of no use.
     */
    void settle(Properties settings) throws IOException {
        close();
        if (StreamsConfig.EXACTLY_ONCE_V2.equals(settings.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG))) {
            removeUnfinished(settings.getProperty(StreamsConfig.APPLICATION_ID_CONFIG));
        }
    }

    /** Keeps others out, as it holds logins and addresses. */
    private void close() throws IOException {
        if (hasModes()) {
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private boolean hasModes() {
        try {
            return Files.getFileStore(dir).supportsFileAttributeView("posix");
        } catch (IOException e) {
            // In a root directory that is no mount point, Java finds no file store.
            return dir.getFileSystem().supportedFileAttributeViews().contains("posix");
        }
    }

    /**
     * Removes what an instance left that did not stop in good order: without the offsets up to which it is written nobody
     * knows what of it was committed. Streams does so too, but only after it has tried to go on with it. The directory's lock
     * must be held.
     */
    private void removeUnfinished(String applicationId) throws IOException {
        Path application = dir.resolve(applicationId);
        if (!Files.isDirectory(application)) {
            return;
        }
        for (Path task : children(application)) {
            List<Path> content = TASK.matcher(name(task)).matches() ? children(task) : List.of();
            if (content.stream().noneMatch(each -> name(each).startsWith(CHECKPOINT))) {
                for (Path store : content) {
                    if (Files.isDirectory(store)) {
                        Utils.delete(store.toFile());
                    }
                }
            }
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static void load(Path home) throws IOException {
        try {
            RocksDB.loadLibrary(List.of(home.toString()));
        } catch (UnsatisfiedLinkError e) {
            // On a file system without execution, say, or a file that is not whole. RocksDB goes on to find a place of
            // its own.
            LOG.warn("RocksDB's library does not load from {}: {}", home, e.getMessage());
            Files.deleteIfExists(home.resolve(LOADED));
        }
    }

    /** The directory with the library of this RocksDB. */
    private Path library() throws IOException {
        Path home = Files.createDirectories(dir.resolve(LIBRARY).resolve(version()));
        Path file = home.resolve(LOADED);
        if (!Files.exists(file)) {
            try (InputStream packed = RocksDB.class.getClassLoader().getResourceAsStream(PACKED)) {
                if (packed != null) {
                    Path whole = home.resolve(PACKED + ".part");
                    Files.copy(packed, whole, StandardCopyOption.REPLACE_EXISTING);
                    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
        return home;
    }

    /** The jar's name, which holds it. */
    private static String version() {
        CodeSource source = RocksDB.class.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null
                ? "any"
                : source.getLocation().getPath().replaceAll(".*/(?=[^/])|/$", "");
    }

    private static String reason(IOException e) {
        return e instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : e.getClass().getSimpleName() + " " + e.getMessage();
    }
}
