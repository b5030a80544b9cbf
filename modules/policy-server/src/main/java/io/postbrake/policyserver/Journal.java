package io.postbrake.policyserver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each change of a count, on the disk before its answer is given. It is written into mapped memory, which the kernel keeps
 * when this process is killed; {@link #sync} bounds what the machine's own death costs. Files of a fixed size follow each other by number;
 * each record has a check sum, so that the end of the last is found. A disk that takes nothing more stops nobody's mail: then
 * counts are in memory only, and {@link #problem} says so.
 */
final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final String NAME = "counts.journal.";
    private static final int SIZE = 4 << 20;
    private static final int HEAD = 2 * Integer.BYTES;
    private static final int FIXED = 2 * Long.BYTES + 2 * Integer.BYTES;

    private final Path dir;
    private final CRC32C sum = new CRC32C();
    private int number;
    private @Nullable MappedByteBuffer current;
    private @Nullable MappedByteBuffer spare;
    private boolean dirty;
    private @Nullable String problem;

    private Journal(Path dir, int number) {
        this.dir = dir;
        this.number = number;
    }

    /** Goes on in {@code dir} behind the last file that is there. */
    static Journal open(Path dir) throws IOException {
        List<Path> files = files(dir);
        int last = files.isEmpty() ? 0 : number(files.get(files.size() - 1));
        var journal = new Journal(dir, last + 1);
        journal.current = journal.fresh(last + 1);
        journal.prepare();
        return journal;
    }

    /** Hands over all changes in files from number {@code first} on, in order. */
    static void read(Path dir, int first, BiConsumer<String, Tally.Change> to) throws IOException {
        for (Path file : files(dir)) {
            if (number(file) >= first) {
                read(ByteBuffer.wrap(Files.readAllBytes(file)), to);
            }
        }
    }

    private static void read(ByteBuffer bytes, BiConsumer<String, Tally.Change> to) {
        var sum = new CRC32C();
        while (bytes.remaining() > HEAD + FIXED) {
            int length = bytes.getInt();
            int check = bytes.getInt();
            if (length <= FIXED || length > bytes.remaining()) {
                return;
            }
            ByteBuffer record = bytes.slice(bytes.position(), length);
            bytes.position(bytes.position() + length);
            sum.reset();
            sum.update(record.duplicate());
            if ((int) sum.getValue() != check) {
                return;
            }
            var change = new Tally.Change(record.getLong(), record.getLong(), record.getInt(), record.getInt());
            to.accept(StandardCharsets.UTF_8.decode(record).toString(), change);
        }
    }

    /** Writes a change of a subject's counts. */
    synchronized void append(String subject, Tally.Change change) {
        byte[] name = subject.getBytes(StandardCharsets.UTF_8);
        int length = FIXED + name.length;
        var record = ByteBuffer.allocate(length)
                .putLong(change.sequence())
                .putLong(change.at())
                .putInt(change.messages())
                .putInt(change.recipients())
                .put(name)
                .flip();
        try {
            MappedByteBuffer to = current;
            if (to == null && problem != null) {
                return; // The keeper tries again; nobody who asks waits for a disk that takes no more.
            }
            if (to == null || to.remaining() < HEAD + length + Integer.BYTES) {
                roll();
                to = current;
            }
            if (to == null) {
                return;
            }
            sum.reset();
            sum.update(record.duplicate());
            to.putInt(length).putInt((int) sum.getValue()).put(record);
            dirty = true;
        } catch (InternalError e) {
            failed(e); // What a store into mapped memory throws when the disk has no place for it.
        }
    }

    /** Begins a new file; its number. */
    synchronized int roll() {
        current = null;
        try {
            MappedByteBuffer next = spare == null ? fresh(number + 1) : spare;
            spare = null;
            number++;
            current = next;
        } catch (IOException e) {
            failed(e);
        }
        return current == null ? number + 1 : number;
    }

    private void failed(Throwable e) {
        if (problem == null) {
            LOG.warn("Counts are in memory only, a restart loses them: {} takes no more: {}", dir, e.toString());
        }
        current = null;
        problem = "counts of the policy server are in memory only, since " + dir + " takes no more: " + e;
    }

    /** Has the next file ready, so that nobody waits for it. */
    void prepare() {
        int next;
        synchronized (this) {
            if (spare != null && current != null) {
                return;
            }
            if (spare != null) {
                problem = null;
                roll();
            }
            next = number + 1;
        }
        try {
            MappedByteBuffer fresh = fresh(next);
            synchronized (this) {
                if (number + 1 != next) {
                    return; // Somebody could not wait.
                }
                spare = fresh;
                problem = null;
                if (current == null) {
                    roll();
                }
            }
        } catch (IOException e) {
            synchronized (this) {
                failed(e);
            }
        }
    }

    /** Waits until the disk has what was written so far. */
    void sync() {
        MappedByteBuffer written;
        synchronized (this) {
            written = dirty ? current : null;
            dirty = false;
        }
        if (written != null) {
            written.force();
        }
    }

    /** Deletes files before this number. */
    void drop(int first) throws IOException {
        for (Path file : files(dir)) {
            if (number(file) < first) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** The number of the file that is written to. */
    synchronized int number() {
        return number;
    }

    /** Why nothing is written; null while it is. */
    synchronized @Nullable String problem() {
        return problem;
    }

    private MappedByteBuffer fresh(int fileNumber) throws IOException {
        Path file = dir.resolve(NAME + fileNumber);
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                CountsFile.PRIVATE)) {
            var zeros = ByteBuffer.allocate(1 << 16);
            for (int at = 0; at < SIZE; at += zeros.capacity()) {
                zeros.clear();
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
            }
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
        }
    }

    private static List<Path> files(Path dir) throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            List<Path> files = new ArrayList<>(
                    all.filter(file -> file.getFileName().toString().matches("counts\\.journal\\.[0-9]{1,9}"))
                            .toList());
            files.sort(Comparator.comparingInt(Journal::number));
            return files;
        }
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().substring(NAME.length()));
    }

    @Override
    public synchronized void close() {
        if (current != null) {
            current.force();
        }
        current = null;
        spare = null;
    }
}
