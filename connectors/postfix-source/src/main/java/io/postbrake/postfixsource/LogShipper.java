package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.Fingerprint;
import io.postbrake.logtail.InFlightOffsets;
import io.postbrake.logtail.LogLine;
import io.postbrake.logtail.LogTailer;
import io.postbrake.logtail.Position;
import io.postbrake.logtail.ReadState;
import io.postbrake.logtail.SafePlace;
import io.postbrake.logtail.TailCounters;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
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

    private int held;

    /**
     * Opens a log.
     *
     * @param hostId id of the mail host
     * @param skip whether to begin at the end, should this log never have been read
     * @param buffer to read into, shared by all logs of a thread
     */
    LogShipper(Path log, PostfixSourceConfig config, String hostId, boolean skip, byte[] buffer, InstantSource clock)
            throws IOException {
        this.log = log;
        Path state = config.stateDir();
        checkpoint = new Checkpoint(state, log);
        checkpointInterval =
                config.millis(PostfixSourceConfig.CHECKPOINT_INTERVAL).toNanos();
        health = new LogHealth(log.toString(), config.zones().of(log), clock.instant());
        sample = new SampleFile(state.resolve(Fingerprint.name(log) + ".sample"));
        events = new Events(
                hostId,
                new PostfixLogParser(config.zones().of(log), null, config.envelopes()),
                config.recipients(),
                new Quarantine(
                        state.resolve(Fingerprint.name(log) + ".quarantine"),
                        config.getLong(PostfixSourceConfig.QUARANTINE_MAX)),
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

    Path log() {
        return log;
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
        if (!events.inPieces() || ++held >= LONGEST_HOLD) {
            held = 0;
            goOn = after;
        } else if (goOn == null || !goOn.sameText(after)) {
            goOn = SafePlace.before(line);
        }
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
