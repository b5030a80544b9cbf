package io.postbrake.policysink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Follows the host's own log. Unlike the shipper's it keeps no position: it begins some way before the end, and what it
 * leads to is checked against the queue itself. So a line that is lost or seen twice does no harm.
 */
final class HostLog implements AutoCloseable {

    private static final int CHUNK = 1 << 18;
    private static final int LONGEST_LINE = 1 << 16;

    private final Path path;
    private final long history;
    private final Consumer<String> lines;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final StringBuilder line = new StringBuilder();
    private FileChannel file;
    private Object identity;
    private boolean begun;
    /** The first line is begun in the middle, or the line is longer than any of ours. */
    private boolean skipping;

    /**
     * @param history at most so many bytes before the log's end are read first, rotated file included
     * @param lines gets each whole line, one char a byte
     */
    HostLog(Path path, long history, Consumer<String> lines) {
        this.path = path;
        this.history = history;
        this.lines = lines;
    }

    /** Reads what is new; whether there may be more at once. */
    boolean poll() throws IOException {
        if (file == null && !open()) {
            return false;
        }
        chunk.clear();
        int n = file.read(chunk);
        if (n > 0) {
            split(chunk.flip());
            return true;
        }
        Object there = identity();
        if (there != null && !Objects.equals(there, identity)) {
            close(); // Rotated, and read to its end.
            return true;
        }
        if (file.position() > file.size()) {
            begin(0); // Cut.
            return true;
        }
        return false;
    }

    private boolean open() throws IOException {
        long from = 0;
        if (!begun) {
            long size = Files.exists(path) ? Files.size(path) : 0;
            from = Math.max(0, size - history);
            earlier(history - size);
            begun = true;
        }
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return false;
        }
        identity = identity();
        begin(from);
        return true;
    }

    private void begin(long from) throws IOException {
        file.position(from);
        skipping = from > 0;
        line.setLength(0);
    }

    /** Reads the end of the file that was rotated last. */
    private void earlier(long most) throws IOException {
        Path rotated = path.resolveSibling(path.getFileName() + ".1");
        if (most <= 0 || !Files.exists(rotated)) {
            return;
        }
        file = FileChannel.open(rotated, StandardOpenOption.READ);
        try {
            begin(Math.max(0, file.size() - most));
            while (file.read(chunk.clear()) > 0) {
                split(chunk.flip());
            }
        } finally {
            close();
        }
    }

    private void split(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int start = bytes.position();
            int end = start;
            while (end < bytes.limit() && bytes.get(end) != '\n') {
                end++;
            }
            if (!skipping) {
                line.append(new String(bytes.array(), start, end - start, StandardCharsets.ISO_8859_1));
                skipping = line.length() > LONGEST_LINE;
            }
            if (end == bytes.limit()) {
                return; // The rest of the line is not written or read yet.
            }
            if (!skipping) {
                lines.accept(line.toString());
            }
            skipping = false;
            line.setLength(0);
            bytes.position(end + 1);
        }
    }

    private Object identity() throws IOException {
        try {
            return Files.getAttribute(path, "unix:ino");
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
