package io.postbrake.postfixsource;

import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogTailer;
import io.postbrake.logtail.PodLogs;
import io.postbrake.logtail.PodLogs.PodLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All logs of a host, those that appear later too, each getting its turn. */
final class LogSet implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogSet.class);
    /** One turn: so little that a busy log keeps the others waiting for milliseconds only. */
    private static final int TURN_LINES = 256;

    private static final int TURN_BYTES = 1 << 16;

    /** Takes what was read of a log. */
    interface Sink {
        void accept(LogShipper log, LogShipper.Shipped shipped);
    }

    private final PostfixSourceConfig config;
    private final LogHost own;
    private final InstantSource clock;
    private final byte[] buffer;
    private final long rescan;
    private final Map<Path, LogShipper> logs = new ConcurrentSkipListMap<>();
    private final Map<Map<String, ?>, LogShipper> byPartition = new ConcurrentHashMap<>();
    private final PodLogs pods;
    private final PodRoster roster;
    private final Map<Path, String> failed = new LinkedHashMap<>();
    private final Predicate<Path> readBefore;
    private final Consumer<LogShipper> opened;
    private final Consumer<LogShipper> closed;
    private boolean started;
    private long lookedAt;
    private boolean lookWanted = true;
    private int first;

    /**
     * The logs of a host.
     *
     * @param own the host that all logs are of but those of pods
     * @param roster of the pods whose logs are read; null without any
     * @param readBefore whether a log was read before, as far as others than its checkpoint know
     * @param opened told of each log that comes
     * @param closed told of each log that goes
     */
    LogSet(
            PostfixSourceConfig config,
            LogHost own,
            PodRoster roster,
            InstantSource clock,
            Predicate<Path> readBefore,
            Consumer<LogShipper> opened,
            Consumer<LogShipper> closed) {
        this.config = config;
        this.own = own;
        this.roster = roster;
        this.pods = config.pods();
        this.clock = clock;
        this.readBefore = readBefore;
        this.opened = opened;
        this.closed = closed;
        buffer = LogTailer.bufferFor(config.getInt(PostfixSourceConfig.LINE_MAX));
        rescan = config.millis(PostfixSourceConfig.RESCAN_INTERVAL).toNanos();
    }

    /** Files came or went: looks at once. */
    void rescan() {
        lookWanted = true;
        logs.values().forEach(LogShipper::rescan);
    }

    Collection<LogShipper> logs() {
        return logs.values();
    }

    /** The broker has a record of this source partition; from any thread. */
    void acknowledged(Map<String, ?> partition, Object record) {
        LogShipper log = byPartition.get(partition);
        if (log != null) {
            log.inFlight().acknowledged(record);
        }
    }

    /** Reads a batch of all logs by turns and hands it over line by line. */
    void poll(Sink sink) {
        if (lookWanted || System.nanoTime() - lookedAt > rescan) {
            look();
        }
        int lines = config.getInt(PostfixSourceConfig.BATCH_LINES);
        long bytes = config.getLong(PostfixSourceConfig.BATCH_BYTES);
        List<LogShipper> waiting = new ArrayList<>(logs.values());
        if (waiting.isEmpty()) {
            return;
        }
        // A full batch ends with somebody's turn: the next one begins with the next log.
        Collections.rotate(waiting, -(first++ % waiting.size()));
        while (!waiting.isEmpty() && lines > 0 && bytes > 0) {
            for (LogShipper log : List.copyOf(waiting)) {
                if (log.isLaterRun() && waiting.stream().anyMatch(other -> other.isBefore(log))) {
                    continue; // Its container had been started before: what that run wrote comes first.
                }
                int turn = Math.min(TURN_LINES, lines);
                List<LogShipper.Shipped> read = turn(log, turn, Math.min(TURN_BYTES, bytes));
                for (LogShipper.Shipped shipped : read) {
                    sink.accept(log, shipped);
                    bytes -= shipped.bytes();
                }
                lines -= read.size();
                if (read.isEmpty()) {
                    waiting.remove(log);
                }
                if (lines <= 0 || bytes <= 0) {
                    return;
                }
            }
        }
    }

    private List<LogShipper.Shipped> turn(LogShipper log, int lines, long bytes) {
        try {
            List<LogShipper.Shipped> read = log.poll(lines, bytes);
            failed.remove(log.log());
            return read;
        } catch (IOException e) {
            warnOnce(log.log(), "cannot read " + log.log() + ", trying again: " + e);
            return List.of();
        }
    }

    /** Opens logs that came and closes those that went. */
    void look() {
        lookWanted = false;
        lookedAt = System.nanoTime();
        Set<Path> wanted = new LinkedHashSet<>();
        for (LogPattern pattern : config.logs()) {
            try {
                wanted.addAll(pattern.logs());
            } catch (IOException e) {
                LOG.warn("cannot look for logs, trying again: {}", e.toString());
            }
        }
        wanted.forEach(log -> open(log, own, null));
        List<PodLog> ofPods = logsOfPods();
        if (ofPods != null) {
            ofPods.forEach(log -> {
                wanted.add(log.file());
                open(log.file(), PodRoster.host(log), log);
            });
        }
        started = true;
        for (LogShipper log : List.copyOf(logs.values())) {
            if (!wanted.contains(log.log()) && log.isOver()) {
                close(log);
            }
        }
        if (ofPods != null) {
            try {
                roster.look(ofPods, logs.keySet());
            } catch (IOException e) {
                LOG.warn("cannot keep on record which pods there are, trying again: {}", e.toString());
            }
        }
    }

    /** Null when there are none to look for, or nobody can tell. */
    private List<PodLog> logsOfPods() {
        if (pods == null || !Files.isDirectory(pods.directory())) {
            return null;
        }
        try {
            return pods.logs();
        } catch (IOException e) {
            LOG.warn("cannot look for pods, trying again: {}", e.toString());
            return null;
        }
    }

    private void open(Path log, LogHost host, PodLog ofPod) {
        if (logs.containsKey(log)) {
            return;
        }
        try {
            boolean firstLook = !started && (ofPod == null || roster.isNew());
            boolean skip = config.fromEnd() && firstLook && !readBefore.test(log);
            var shipper = new LogShipper(log, config, host, ofPod, skip, buffer, clock);
            logs.put(log, shipper);
            byPartition.put(Offsets.partition(log), shipper);
            failed.remove(log);
            opened.accept(shipper);
        } catch (IOException e) {
            warnOnce(log, "cannot open " + log + ", trying again: " + e);
        }
    }

    private void close(LogShipper log) {
        logs.remove(log.log());
        byPartition.remove(Offsets.partition(log.log()));
        closed.accept(log);
        try {
            log.checkpoint(true);
            log.close();
        } catch (IOException e) {
            LOG.warn("closing {}: {}", log.log(), e.getMessage());
        }
    }

    private void warnOnce(Path log, String text) {
        if (!text.equals(failed.put(log, text))) {
            LOG.warn("{}", text);
        }
    }

    @Override
    public void close() {
        List.copyOf(logs.values()).forEach(this::close);
    }
}
