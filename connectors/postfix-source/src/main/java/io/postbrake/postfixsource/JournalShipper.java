package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.InFlightOffsets;
import io.postbrake.logtail.JournalEntry;
import io.postbrake.logtail.JournalReader;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.TailCounters;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** systemd's journal on its way to events: reader, parser, quarantine and checkpoint. Knows nothing of Connect. */
final class JournalShipper implements AutoCloseable {

    /** An event and the entry it was made of; the event is null for an entry that makes none. */
    record Shipped(MailEvent event, JournalEntry entry) {}

    private final JournalSelection journal;
    private final TailCounters read = new TailCounters();
    private final LineCounters counters = new LineCounters();
    private final LogHealth health;
    private final SampleFile sample;
    private final Events events;
    private final JournalCheckpoint checkpoint;
    private final InFlightOffsets<String> inFlight = new InFlightOffsets<>((a, b) -> true);
    private final JournalReader reader;
    private final long checkpointInterval;
    private long checkpointAt;
    private String unsaved;

    /**
     * Opens a journal.
     *
     * @param skip whether to begin at the end, should this journal never have been read
     */
    JournalShipper(
            JournalSelection journal, PostfixSourceConfig config, String hostId, boolean skip, InstantSource clock)
            throws IOException {
        this.journal = journal;
        checkpoint = new JournalCheckpoint(config.stateDir(), journal);
        checkpointInterval =
                config.millis(PostfixSourceConfig.CHECKPOINT_INTERVAL).toNanos();
        health = new LogHealth(journal.name(), config.zones().others(), clock.instant());
        sample = new SampleFile(config.stateDir().resolve("journal.sample"));
        events = new Events(
                hostId,
                // Its own stamps have a zone; those within a container's text may have none.
                new PostfixLogParser(config.zones().others(), null, Envelopes.of("none")),
                config.recipients(),
                new Quarantine(
                        config.stateDir().resolve("journal.quarantine"),
                        config.getLong(PostfixSourceConfig.QUARANTINE_MAX)),
                counters,
                health,
                sample,
                clock);
        String cursor = checkpoint.read();
        if (cursor == null && !checkpoint.existed()) {
            cursor = skip ? JournalReader.newest(journal) : null;
            checkpoint.write(cursor);
        }
        JournalReader.Start start =
                cursor == null ? new JournalReader.Start.Oldest() : new JournalReader.Start.After(cursor);
        reader = new JournalReader(journal, start, config.getInt(PostfixSourceConfig.LINE_MAX), read);
    }

    String name() {
        return journal.name();
    }

    TailCounters read() {
        return read;
    }

    LineCounters counters() {
        return counters;
    }

    /** Whether it says something of Postfix. */
    HealthBoard.Judged judged() {
        String problem = reader.problem();
        health.unreadable(problem == null ? null : "the journal cannot be read: " + problem);
        return new HealthBoard.Judged(health, sample.path());
    }

    LogHealth health() {
        return health;
    }

    List<Shipped> poll(int entries) {
        List<Shipped> result = new ArrayList<>();
        for (JournalEntry entry : reader.poll(entries)) {
            result.add(new Shipped(events.of(entry.line(), entry.at(), entry.length()), entry));
        }
        if (result.size() < entries) {
            health.caughtUp();
        }
        return result;
    }

    void await(Duration most) throws InterruptedException {
        reader.await(most);
    }

    /** Cursors of entries whose events are on their way. */
    InFlightOffsets<String> inFlight() {
        return inFlight;
    }

    /** Puts on record what the broker has acknowledged, unless that was done a moment ago. */
    synchronized void checkpoint(boolean now) throws IOException {
        List<String> safe = inFlight.take();
        unsaved = safe.isEmpty() ? unsaved : safe.get(safe.size() - 1);
        if (unsaved != null && (now || System.nanoTime() - checkpointAt >= checkpointInterval)) {
            checkpoint.write(unsaved);
            checkpointAt = System.nanoTime();
            unsaved = null;
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
