package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.Fingerprint;
import io.postbrake.logtail.InFlightOffsets;
import io.postbrake.logtail.LogLine;
import io.postbrake.logtail.LogTailer;
import io.postbrake.logtail.PodLogs.PodLog;
import io.postbrake.logtail.Position;
import io.postbrake.logtail.ReadState;
import io.postbrake.logtail.SafePlace;
import io.postbrake.logtail.TailCounters;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** One log on its way to events: tailer, parser, quarantine and checkpoint. Knows nothing of Connect. */
final class LogShipper implements AutoCloseable {

    /** An event and where the next line begins; the event is null for a line that makes none. */
    record Shipped(MailEvent event, Position next, int tail, int bytes) {}

    /** The rest of a line that has not come within so many lines does not come any more. */
    private static final int LONGEST_HOLD = 1000;

    private final Path log;
    private final LogHost host;
    private final PodLog ofPod;
    private final TailCounters read = new TailCounters();
    private final LineCounters counters = new LineCounters();
    private final LogHealth health;
    private final SampleFile sample;
    private final LogTailer tailer;
    private final Events events;
    private final Checkpoint checkpoint;
    private final InFlightOffsets<SafePlace> inFlight = new InFlightOffsets<>(SafePlace::sameText);
    private final long checkpointInterval;
    private long checkpointAt;
    private boolean unsaved;
    /** Where to go on when all so far is acknowledged. */
    private SafePlace goOn;
    /** Where the newest line ends, and whether pieces were waited for there. */
    private SafePlace newest;

    private boolean waiting;
    /** Ends of texts that a line's first pieces are in, the rest of which is in a later text. */
    private final List<SafePlace> left = new ArrayList<>();

    private int held;

    /**
     * Opens a log.
     *
     * @param host the mail host that it is of
     * @param ofPod which log of a pod it is; null for any other
     * @param skip whether to begin at the end, should this log never have been read
     * @param buffer to read into, shared by all logs of a thread
     */
    LogShipper(
            Path log,
            PostfixSourceConfig config,
            LogHost host,
            PodLog ofPod,
            boolean skip,
            byte[] buffer,
            InstantSource clock)
            throws IOException {
        this.log = log;
        this.host = host;
        this.ofPod = ofPod;
        Path state = config.stateDir();
        checkpoint = new Checkpoint(state, log);
        checkpointInterval =
                config.millis(PostfixSourceConfig.CHECKPOINT_INTERVAL).toNanos();
        health = new LogHealth(log.toString(), config.zones().of(log), clock.instant());
        sample = new SampleFile(sample(state, log));
        events = new Events(
                host.id(),
                new PostfixLogParser(config.zones().of(log), null, envelopes(config.envelopes(), ofPod)),
                config.recipients(),
                new Quarantine(quarantine(state, log), config.getLong(PostfixSourceConfig.QUARANTINE_MAX)),
                counters,
                health,
                sample,
                clock);
        tailer = new LogTailer(
                log,
                config.getInt(PostfixSourceConfig.LINE_MAX),
                checkpoint.read(),
                config.millis(PostfixSourceConfig.RESCAN_INTERVAL),
                LogTailer.PATIENCE,
                buffer,
                read);
        // Until what is there now was read once; whoever goes on after a stop knows that what comes is newer than that.
        events.mayBeOfAnyAge(!checkpoint.existed());
        if (skip && !checkpoint.existed()) {
            tailer.skipToEnd();
        } else {
            tailer.resume();
        }
        checkpoint.write(tailer.known());
    }

    private static Envelopes envelopes(Envelopes configured, PodLog ofPod) {
        return ofPod == null ? configured : configured.within(ofPod.isDockers() ? "docker-json" : "cri");
    }

    private static Path sample(Path state, Path log) {
        return state.resolve(Fingerprint.name(log) + ".sample");
    }

    private static Path quarantine(Path state, Path log) {
        return state.resolve(Fingerprint.name(log) + ".quarantine");
    }

    /** Removes all that is kept in {@code state} of a log that never comes back. */
    static void forget(Path state, Path log) throws IOException {
        Files.deleteIfExists(sample(state, log));
        Files.deleteIfExists(quarantine(state, log));
        new Checkpoint(state, log).delete();
    }

    Path log() {
        return log;
    }

    /** The mail host that it is of. */
    LogHost host() {
        return host;
    }

    /** Whether it is a pod's, so that it goes with it. */
    boolean isOfPod() {
        return ofPod != null;
    }

    /** Whether it is that of a container which had been started before. */
    boolean isLaterRun() {
        return ofPod != null && ofPod.restart() > 0;
    }

    /** Whether all of it was written before the other one's first line: an earlier run of the same container. */
    boolean isBefore(LogShipper other) {
        return ofPod != null && other.ofPod != null && ofPod.isBefore(other.ofPod);
    }

    TailCounters read() {
        return read;
    }

    LineCounters counters() {
        return counters;
    }

    synchronized List<Shipped> poll(int lines, long bytes) throws IOException {
        List<Shipped> result = new ArrayList<>();
        for (LogLine line : tailer.poll(lines, bytes)) {
            MailEvent event = events.of(line.bytes(), line.at(), line.length());
            hold(line);
            result.add(new Shipped(event, goOn.next(), goOn.tail(), line.bytes().length + 1));
            if (!waiting) {
                left.forEach(end -> result.add(new Shipped(null, end.next(), end.tail(), 0)));
                left.clear();
            }
        }
        read.behind.set(tailer.behind());
        if (tailer.behind() == 0) {
            health.caughtUp();
            events.mayBeOfAnyAge(false);
        }
        return result;
    }

    /** Whether it says something of Postfix. */
    LogHealth health() {
        return health;
    }

    /** Where a line lies that was not understood. */
    Path sample() {
        return sample.path();
    }

    /** A line that comes in pieces is read again from its first one, should the shipper stop before its last. */
    private void hold(LogLine line) {
        var after = new SafePlace(line.next(), line.tail());
        if (waiting && !newest.sameText(after)) {
            left.add(newest);
        }
        waiting = events.inPieces() && ++held < LONGEST_HOLD;
        if (!waiting) {
            held = 0;
            goOn = after;
        } else if (goOn == null || !goOn.sameText(after)) {
            goOn = SafePlace.before(line);
        }
        newest = after;
    }

    /** Has the directory looked at before the next line is read. */
    synchronized void rescan() {
        tailer.rescan();
    }

    InFlightOffsets<SafePlace> inFlight() {
        return inFlight;
    }

    /** Puts on record what the broker has acknowledged, unless that was done a moment ago. */
    synchronized void checkpoint(boolean now) throws IOException {
        for (SafePlace safe : inFlight.take()) {
            for (ReadState state : tailer.known()) {
                if (state.is(safe.next())) {
                    state.safe(safe.next().offset(), safe.tail());
                    unsaved = true;
                }
            }
        }
        if (unsaved && (now || System.nanoTime() - checkpointAt >= checkpointInterval)) {
            checkpoint.write(tailer.known());
            checkpointAt = System.nanoTime();
            unsaved = false;
        }
    }

    /** Whether the log is gone and nothing of it is on its way. */
    synchronized boolean isOver() {
        return tailer.isGone() && inFlight.isEmpty();
    }

    @Override
    public synchronized void close() throws IOException {
        tailer.close();
    }
}
