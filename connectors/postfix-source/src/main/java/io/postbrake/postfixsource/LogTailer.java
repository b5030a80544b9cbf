package io.postbrake.postfixsource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one log by byte offset. A file is known by its first line and inode, so a rename keeps it known: a rotated file
 * is read to its end before the next one, also when the rotation was missed. A file that shrinks starts a new generation.
 */
final class LogTailer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogTailer.class);
    private static final int CHUNK = 1 << 16;
    /** So much of the first line identifies the file. */
    private static final int FINGERPRINT = 1024;

    private final Path path;
    private final int maxLine;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private FileChannel channel;
    private Object inode;
    /** Identity of the file that is open; the position keeps the one under which its text was first read. */
    private String opened;

    private Position position;
    private long lineLength;
    private long readTo;
    private boolean moved;
    /** Truncated, and its new first line is not whole yet. */
    private boolean unnamed;

    /**
     * @param path the log as syslog names it
     * @param maxLine longest line that is kept whole, in bytes
     * @param from where to go on; null reads from the oldest log that is kept
     */
    LogTailer(Path path, int maxLine, Position from) {
        this.path = path.toAbsolutePath();
        this.maxLine = maxLine;
        this.position = from;
    }

    /** Up to {@code most} further lines; empty when there are none yet. */
    List<LogLine> poll(int most) throws IOException {
        List<LogLine> lines = new ArrayList<>();
        try {
            poll(lines, most);
        } catch (IOException e) {
            if (lines.isEmpty()) {
                throw e;
            }
            // The position is past these lines already: hand them over, the next poll meets the error again.
            LOG.warn("reading {} ended early: {}", path, e.getMessage());
        }
        return lines;
    }

    private void poll(List<LogLine> lines, int most) throws IOException {
        if (channel != null && !unnamed && !opened.equals(identity(channel, inode))) {
            truncated();
        }
        while (lines.size() < most) {
            if (channel == null && !open()) {
                return;
            }
            if (unnamed && !named()) {
                return;
            }
            if (chunk.hasRemaining() && readTo > 0) {
                split(lines, most);
                continue;
            }
            if (channel.size() < readTo) {
                truncated();
                return;
            }
            chunk.clear();
            int n = channel.read(chunk, readTo);
            if (n <= 0) {
                chunk.flip();
                chunk.position(chunk.limit());
                if (!atEnd(lines)) {
                    return;
                }
                continue;
            }
            readTo += n;
            chunk.flip();
            split(lines, most);
        }
    }

    private void split(List<LogLine> lines, int most) {
        while (chunk.hasRemaining() && lines.size() < most) {
            byte b = chunk.get();
            if (b == '\n') {
                emit(lines, 1);
            } else {
                lineLength++;
                if (line.size() < maxLine) {
                    line.write(b);
                }
            }
        }
    }

    private void emit(List<LogLine> lines, int lineEnd) {
        var next = new Position(position.sourceId(), position.generation(), position.offset() + lineLength + lineEnd);
        lines.add(new LogLine(line.toByteArray(), position, lineLength, next));
        position = next;
        line.reset();
        lineLength = 0;
    }

    /** At the end of the file: whether another one took its place and is opened next. */
    private boolean atEnd(List<LogLine> lines) throws IOException {
        Object there = inode(path);
        if (there == null || there.equals(inode)) {
            return false;
        }
        if (!moved) {
            // The writer may have held the old file a moment longer: read it once more before leaving it.
            moved = true;
            return channel.size() > readTo;
        }
        Path next = after(opened);
        if (identity(next) == null) {
            return false; // Not begun yet; until then this file may still grow.
        }
        if (lineLength > 0) {
            emit(lines, 0);
        }
        closeFile();
        return open(next, null);
    }

    private void truncated() throws IOException {
        LOG.warn("{} was truncated while it was read: lines between may be lost; rotate by rename instead", path);
        long generation = position.generation() + 1;
        closeBuffers();
        readTo = 0;
        position = new Position(position.sourceId(), generation, 0);
        unnamed = true;
    }

    /** Names a truncated file anew as soon as its first line is whole, so that a restart knows it again. */
    private boolean named() throws IOException {
        String identity = identity(channel, inode);
        if (identity != null) {
            opened = identity;
            position = new Position(identity, position.generation(), 0);
        } else {
            Object there = inode(path);
            if (there == null || there.equals(inode) || identity(path) == null) {
                return false;
            }
        }
        unnamed = false;
        return true;
    }

    private boolean open() throws IOException {
        List<Path> chain = chain();
        if (position != null) {
            for (Path file : chain) {
                if (position.sourceId().equals(identity(file))) {
                    return open(file, position);
                }
            }
            for (Path file : chain) {
                if (isCopy(file)) {
                    return open(file, position);
                }
            }
            LOG.warn("the log that was read before is gone; going on with the oldest of {}", chain);
        }
        for (Path file : chain) {
            if (identity(file) != null) {
                return open(file, null);
            }
        }
        return false;
    }

    /** copytruncate leaves the text that was read in a file of another inode: it goes on under its old name. */
    private boolean isCopy(Path file) throws IOException {
        String identity = identity(file);
        return identity != null
                && fingerprint(identity).equals(fingerprint(position.sourceId()))
                && Files.size(file) >= position.offset();
    }

    private static String fingerprint(String identity) {
        return identity.substring(0, Math.max(0, identity.indexOf('-')));
    }

    private boolean open(Path file, Position from) throws IOException {
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            inode = inode(file);
        } catch (NoSuchFileException e) {
            return false;
        }
        String identity = identity(channel, inode);
        if (identity == null) {
            closeFile();
            return false;
        }
        opened = identity;
        position = from != null ? from : new Position(identity, 0, 0);
        if (channel.size() < position.offset()) {
            LOG.warn("{} is shorter than what was read of it: it was truncated", file);
            position = new Position(identity, position.generation() + 1, 0);
        }
        readTo = position.offset();
        moved = false;
        unnamed = false;
        closeBuffers();
        return true;
    }

    /** The file that was begun after the known one; the log itself when that is gone. */
    private Path after(String sourceId) throws IOException {
        List<Path> chain = chain();
        for (int i = 0; i < chain.size() - 1; i++) {
            if (sourceId.equals(identity(chain.get(i)))) {
                return chain.get(i + 1);
            }
        }
        return path;
    }

    /** Rotated files, oldest first, then the log itself. */
    private List<Path> chain() throws IOException {
        String name = path.getFileName().toString();
        List<Path> result = new ArrayList<>();
        try (Stream<Path> siblings = Files.list(path.getParent())) {
            siblings.filter(p -> rotated(p.getFileName().toString(), name))
                    .sorted(Comparator.comparingLong(LogTailer::modified))
                    .forEach(result::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        result.add(path);
        return result;
    }

    private static boolean rotated(String file, String name) {
        return file.length() > name.length() + 1
                && file.startsWith(name)
                && (file.charAt(name.length()) == '.' || file.charAt(name.length()) == '-')
                && file.substring(name.length() + 1).chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long modified(Path p) {
        try {
            return Files.getLastModifiedTime(p).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }

    private static Object inode(Path file) throws IOException {
        try {
            return Files.getAttribute(file, "unix:ino");
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static String identity(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return identity(channel, inode(file));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Null until the first line is whole. */
    private static String identity(FileChannel channel, Object inode) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(FINGERPRINT);
        int n = channel.read(head, 0);
        if (n <= 0) {
            return null;
        }
        int end = 0;
        while (end < n && head.get(end) != '\n') {
            end++;
        }
        if (end == n && n < FINGERPRINT) {
            return null;
        }
        byte[] first = new byte[end];
        head.get(0, first);
        return HexFormat.of().formatHex(sha256(first), 0, 8) + "-" + inode;
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void closeBuffers() {
        chunk.clear().limit(0);
        line.reset();
        lineLength = 0;
    }

    private void closeFile() throws IOException {
        closeBuffers();
        readTo = 0;
        channel.close();
        channel = null;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            closeFile();
        }
    }
}
