package io.postbrake.logtail;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** What writers and rotators do to a log, and a tailer that reads it, stops and goes on. */
final class LogDriver implements AutoCloseable {

    static final int MAX_LINE = 1024;

    final Path dir;
    final Path log;
    final TailCounters counters = new TailCounters();
    private LogTailer tailer;

    LogDriver(Path dir) {
        this.dir = dir;
        log = dir.resolve("mail.log");
    }

    void append(String text) throws IOException {
        append("mail.log", text);
    }

    void append(String name, String text) throws IOException {
        Files.writeString(dir.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void rename(String from, String to) throws IOException {
        Files.move(dir.resolve(from), dir.resolve(to));
    }

    /** As gzip does: the compressed file is whole before the plain one goes. */
    void compress(String name) throws IOException {
        Path plain = dir.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dir.resolve(name + ".gz")))) {
            Files.copy(plain, out);
        }
        Files.delete(plain);
    }

    void copyAndTruncate(String to) throws IOException {
        Files.copy(log, dir.resolve(to));
        truncate();
    }

    void truncate() throws IOException {
        Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** A shipper that begins, or goes on where {@code known} says. */
    LogTailer starts(List<ReadState> known) throws IOException {
        close();
        tailer = new LogTailer(
                log, MAX_LINE, known, Duration.ofDays(1), Duration.ZERO, LogTailer.bufferFor(MAX_LINE), counters);
        tailer.resume();
        return tailer;
    }

    LogTailer starts() throws IOException {
        return starts(List.of());
    }

    /** A kill, and a start from what it had read: as if the broker had acknowledged it all. */
    void restarts() throws IOException {
        List<ReadState> known = new ArrayList<>();
        for (ReadState s : tailer.known()) {
            known.add(new ReadState(s.position(), s.tail, s.inode));
        }
        starts(known);
    }

    LogTailer tailer() {
        return tailer;
    }

    List<LogLine> readsAll() throws IOException {
        List<LogLine> result = new ArrayList<>();
        for (int idle = 0; idle < 3; ) {
            List<LogLine> lines = tailer.poll(7, 1 << 20);
            idle = lines.isEmpty() ? idle + 1 : 0;
            result.addAll(lines);
        }
        return result;
    }

    List<String> texts() throws IOException {
        return texts(readsAll());
    }

    static List<String> texts(List<LogLine> lines) {
        return lines.stream()
                .map(l -> new String(l.bytes(), StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void close() throws IOException {
        if (tailer != null) {
            tailer.close();
        }
    }
}
