package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.DirectoryWatch;
import io.postbrake.logtail.JournalEntry;
import io.postbrake.logtail.JournalReader;
import io.postbrake.logtail.LogLine;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogTailer;
import io.postbrake.logtail.Position;
import io.postbrake.logtail.TailCounters;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the host's own logs in a thread of its own, with or without brokers, for what enforcement needs of them. Unlike the
 * shipper it keeps no position: it begins some way before the end, and what it leads to is checked against the queue itself.
 * So a line that is lost or seen twice does no harm.
 */
final class LogWatch implements AutoCloseable {

    /** Under which id the next hop has a message: a content filter that hands it back, for one. */
    private static final String NEXT = "queued as ";

    private static final Logger LOG = LoggerFactory.getLogger(LogWatch.class);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final int LONGEST_LINE = 1 << 16;
    /** Bytes of a line in the mean, to tell how many entries of a journal are so many bytes. */
    private static final int USUAL_LINE = 128;

    private static final int BATCH_LINES = 2000;
    private static final long BATCH_BYTES = 1 << 18;

    private record Followed(LogTailer tailer, PostfixLogParser parser) {}

    private final HostLogs host;
    private final long history;
    private final Map<Path, Followed> logs = new LinkedHashMap<>();
    private final Map<Path, String> failed = new HashMap<>();
    private final byte[] buffer = LogTailer.bufferFor(LONGEST_LINE);
    private final Consumer<MailEvent> events;
    private final String hostId;
    private final boolean relayed;
    private final Clock clock;
    private final Thread thread;
    private volatile boolean stopped;

    /**
     * @param history so many bytes before the end of each log, rotated files included, are read first
     * @param relayed whether mail without a login is of interest, too
     */
    LogWatch(HostLogs host, long history, String hostId, boolean relayed, Clock clock, Consumer<MailEvent> events) {
        this.relayed = relayed;
        this.host = host;
        this.history = history;
        this.events = events;
        this.hostId = hostId;
        this.clock = clock;
        thread = new Thread(this::run, "postbrake-log-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (var changes = new DirectoryWatch(PAUSE, IDLE);
                var entries = host.journal() == null
                        ? null
                        : new JournalReader(host.journal(), end(), LONGEST_LINE, new TailCounters())) {
            // Its own stamps have a zone; those within a container's text may have none.
            var parser = new PostfixLogParser(host.zones().others(), null, Envelopes.of("none"));
            look();
            long lookedAt = System.nanoTime();
            while (!stopped) {
                boolean more = false;
                for (Map.Entry<Path, Followed> log : logs.entrySet()) {
                    more |= poll(log.getKey(), log.getValue());
                }
                boolean moved = false;
                if (entries != null) {
                    for (JournalEntry entry : entries.poll(BATCH_LINES)) {
                        more = true;
                        take(parser, entry.line(), entry.at(), entry.length());
                    }
                }
                if (!more && entries != null) {
                    entries.await(host.files().isEmpty() ? IDLE : PAUSE);
                } else if (!more) {
                    moved = changes.watch(logs.keySet()) || changes.await() == DirectoryWatch.Change.MOVED;
                }
                if (moved || System.nanoTime() - lookedAt >= LOOK.toNanos()) {
                    logs.values().forEach(log -> log.tailer().rescan());
                    look();
                    lookedAt = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The task stops.
        } catch (IOException e) {
            LOG.debug("ending the watch", e);
        } finally {
            logs.forEach(LogWatch::close);
        }
    }

    private JournalReader.Start end() {
        return new JournalReader.Start.Last((int) Math.min(Integer.MAX_VALUE, history / USUAL_LINE));
    }

    /** Takes up the logs that the patterns stand for now, and leaves those that are gone. */
    private void look() {
        Set<Path> wanted = new LinkedHashSet<>();
        for (LogPattern pattern : host.files()) {
            try {
                wanted.addAll(pattern.logs());
            } catch (IOException e) {
                LOG.warn("cannot look for logs, trying again: {}", e.toString());
            }
        }
        for (Path log : wanted) {
            if (!logs.containsKey(log)) {
                follow(log);
            }
            if (!Files.isReadable(log) || !Files.isRegularFile(log)) {
                warnOnce(log, "there is no file that may be read: queue ids and refusals of this host are not known");
            } else if (failed.getOrDefault(log, "").startsWith("there is no file")) {
                failed.remove(log);
            }
        }
        logs.entrySet().removeIf(log -> {
            boolean over =
                    !wanted.contains(log.getKey()) && log.getValue().tailer().isGone();
            if (over) {
                close(log.getKey(), log.getValue());
            }
            return over;
        });
    }

    private void follow(Path log) {
        try {
            var tailer =
                    new LogTailer(log, LONGEST_LINE, List.of(), LOOK, LogTailer.PATIENCE, buffer, new TailCounters());
            tailer.skipToLast(history);
            logs.put(log, new Followed(tailer, new PostfixLogParser(host.zones().of(log), null, host.envelopes())));
        } catch (IOException e) {
            warnOnce(log, e.toString());
        }
    }

    private boolean poll(Path path, Followed log) {
        try {
            List<LogLine> lines = log.tailer().poll(BATCH_LINES, BATCH_BYTES);
            lines.forEach(line -> take(log.parser(), line.bytes(), line.at(), line.length()));
            if (!lines.isEmpty()) {
                failed.remove(path);
            }
            return !lines.isEmpty();
        } catch (ClosedByInterruptException e) {
            return false; // The task stops.
        } catch (IOException e) {
            warnOnce(path, e.toString());
            return false;
        }
    }

    private void warnOnce(Path log, String why) {
        if (!why.equals(failed.put(log, why))) {
            LOG.warn("cannot read {}, trying again: {}", log, why);
        }
    }

    private void take(PostfixLogParser parser, byte[] line, Position at, long length) {
        String text = new String(line, StandardCharsets.ISO_8859_1);
        boolean ofInterest = host.envelopes().takeSeveralLines()
                || text.contains("sasl_username=")
                || text.contains("[pb:")
                || text.contains("(queue active)")
                || text.contains(": removed")
                || (relayed && (text.contains(": client=") || text.contains(NEXT)));
        if (ofInterest && length == line.length) {
            var origin = new LineOrigin(hostId, at.sourceId(), at.generation(), at.offset(), clock.instant());
            MailEvent event = parser.parse(line, 0, line.length, origin);
            try {
                events.accept(event);
            } catch (RuntimeException e) {
                LOG.error("a log line could not be used: {}", e.getMessage());
            }
        }
    }

    private static void close(Path path, Followed log) {
        try {
            log.tailer().close();
        } catch (IOException e) {
            LOG.warn("closing {}: {}", path, e.getMessage());
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
    }
}
