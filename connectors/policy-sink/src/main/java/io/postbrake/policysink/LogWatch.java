package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the host's own logs in a thread of its own, with or without brokers, for what enforcement needs of them. */
final class LogWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogWatch.class);
    private static final long PAUSE_MS = 50;
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_LOGS = 100;
    private static final String PATTERN = "*?[{";
    private static final Pattern COMPRESSED = Pattern.compile(".*\\.(gz|bz2|xz|zst)");

    private final List<String> paths;
    private final long history;
    private final Map<Path, HostLog> logs = new LinkedHashMap<>();
    private final Consumer<MailEvent> events;
    private final String hostId;
    private final Clock clock;
    private final Thread thread;
    private volatile boolean stopped;

    /** @param paths logs; a file name may be a pattern of the shell's kind */
    LogWatch(List<String> paths, long history, String hostId, Clock clock, Consumer<MailEvent> events) {
        this.events = events;
        this.hostId = hostId;
        this.clock = clock;
        this.paths = List.copyOf(paths);
        this.history = history;
        thread = new Thread(this::run, "postbrake-log-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            long lookedAt = System.nanoTime() - LOOK_NS;
            while (!stopped) {
                if (System.nanoTime() - lookedAt >= LOOK_NS) {
                    paths.forEach(this::look);
                    lookedAt = System.nanoTime();
                }
                boolean more = false;
                for (HostLog log : logs.values()) {
                    more |= poll(log);
                }
                if (!more) {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The task stops.
        }
    }

    /** Takes up the files that a path stands for. */
    private void look(String path) {
        Path whole = Path.of(path);
        Path name = whole.getFileName();
        if (name == null || name.toString().chars().noneMatch(c -> PATTERN.indexOf(c) >= 0)) {
            follow(whole);
            return;
        }
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(whole.toAbsolutePath().getParent(), name.toString())) {
            for (Path file : files) {
                if (logs.size() < MOST_LOGS
                        && !COMPRESSED.matcher(file.toString()).matches()) {
                    follow(file);
                }
            }
        } catch (IOException | PatternSyntaxException e) {
            LOG.warn("cannot look for logs, trying again: {}", e.getMessage());
        }
    }

    private void follow(Path path) {
        if (!logs.containsKey(path)) {
            var parser = new PostfixLogParser(ZoneId.systemDefault(), null);
            logs.put(path, new HostLog(path, history, line -> take(parser, line)));
        }
    }

    private static boolean poll(HostLog log) {
        try {
            return log.poll();
        } catch (IOException e) {
            LOG.warn("cannot read a log, trying again: {}", e.getMessage());
            return false;
        }
    }

    private void take(PostfixLogParser parser, String line) {
        boolean ofInterest = line.contains("sasl_username=")
                || line.contains("[pb:")
                || line.contains("(queue active)")
                || line.contains(": removed");
        if (ofInterest) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            MailEvent event =
                    parser.parse(bytes, 0, bytes.length, new LineOrigin(hostId, "own-log", 0, 0, clock.instant()));
            try {
                events.accept(event);
            } catch (RuntimeException e) {
                LOG.error("a log line could not be used: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (HostLog log : logs.values()) {
            try {
                log.close();
            } catch (IOException e) {
                LOG.warn("closing a log: {}", e.getMessage());
            }
        }
    }
}
