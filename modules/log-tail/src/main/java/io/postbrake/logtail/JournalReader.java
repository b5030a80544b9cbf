package io.postbrake.logtail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows systemd's journal through its rotations, by a {@code journalctl} that is started again, later and later, whenever it
 * ends. It goes on with the entry after a cursor: that entry is asked for too, so that it is known when it is gone.
 */
public final class JournalReader implements AutoCloseable {

    /** Where to begin. */
    public sealed interface Start {
        /** With the oldest entry that is kept. */
        record Oldest() implements Start {}

        /** With so many entries before the end. */
        record Last(int entries) implements Start {}

        /** After this entry. */
        record After(String cursor) implements Start {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);
    /** A large journal on a slow disk takes its time. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int WAITING = 512;
    private static final long FIRST_PAUSE_MS = 1000;
    private static final long LONGEST_PAUSE_MS = 30_000;
    /** Whoever ran for so long runs. */
    private static final Duration STEADY = Duration.ofSeconds(5);

    private final JournalSelection selection;
    private final int maxLine;
    private final TailCounters counters;
    private final BlockingQueue<JournalEntry> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread thread;
    private final Start start;
    /** Of the entry that was handed over last; used by the reading thread only. */
    private String lastCursor;
    /** The entry that ended a wait; used by the thread that polls only. */
    private JournalEntry head;

    private volatile Process child;
    private volatile long startedAt;
    private volatile String problem;
    private volatile boolean closed;

    /** Begins to read; entries longer than {@code maxLine} bytes are cut. */
    public JournalReader(JournalSelection selection, Start start, int maxLine, TailCounters counters) {
        this.selection = selection;
        this.start = start;
        this.lastCursor = start instanceof Start.After after ? after.cursor() : null;
        this.maxLine = maxLine;
        this.counters = counters;
        thread = new Thread(this::run, "postbrake-journal");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Cursor of the newest entry that is kept; null when there is none.
     *
     * @throws IOException when the journal cannot be read, or does not answer in time
     */
    public static String newest(JournalSelection selection) throws IOException {
        return newest(selection, selection.command(List.of("--lines=1")), PATIENCE);
    }

    static String newest(JournalSelection selection, ProcessBuilder journalctl, Duration patience) throws IOException {
        Process process = journalctl.start();
        var complaint = new Complaint(process.getErrorStream());
        var late = new AtomicBoolean();
        Thread guard = guard(process, patience, late);
        try (InputStream out = process.getInputStream()) {
            process.getOutputStream().close();
            String cursor = null;
            var export = new JournalExport(out, selection, 1);
            for (JournalEntry entry = export.next(); entry != null; entry = export.next()) {
                cursor = entry.cursor();
            }
            // Whoever may not read the journal is shown none of it, which is not that it is empty.
            int status = process.waitFor();
            if (late.get()) {
                throw new IOException("journalctl did not tell the newest entry within " + patience.toSeconds() + " s");
            }
            if (cursor == null && status != 0) {
                throw new IOException("journalctl ended with " + status + complaint.last());
            }
            return cursor;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while journalctl was asked for the newest entry", e);
        } finally {
            process.destroyForcibly();
            guard.interrupt();
        }
    }

    /** Ends a process that takes too long; its output ends with it. */
    private static Thread guard(Process process, Duration patience, AtomicBoolean late) {
        var guard = new Thread(
                () -> {
                    try {
                        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                            late.set(true);
                            process.destroyForcibly();
                        }
                    } catch (InterruptedException e) {
                        LOG.trace("nobody waits for journalctl any more", e);
                    }
                },
                "postbrake-journal-patience");
        guard.setDaemon(true);
        guard.start();
        return guard;
    }

    /** Up to so many further entries, empty when there are none yet. */
    public List<JournalEntry> poll(int entries) {
        List<JournalEntry> result = new ArrayList<>();
        if (head != null) {
            result.add(head);
            head = null;
        }
        waiting.drainTo(result, entries - result.size());
        counters.lines.addAndGet(result.size());
        return result;
    }

    /** Returns as soon as there is an entry, or when time is up. */
    public void await(Duration most) throws InterruptedException {
        if (head == null) {
            head = waiting.poll(most.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** What keeps the journal from being read; null when nothing does. */
    public String problem() {
        Process running = child;
        boolean steady = running != null && running.isAlive() && System.nanoTime() - startedAt > STEADY.toNanos();
        return steady ? null : problem;
    }

    private void run() {
        long pause = FIRST_PAUSE_MS;
        while (!closed) {
            long began = System.nanoTime();
            try {
                follow();
            } catch (IOException e) {
                failed(e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
            if (System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MS)) {
                pause = FIRST_PAUSE_MS;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
            pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
        }
    }

    private void failed(String why) {
        if (!closed && !why.equals(problem)) {
            LOG.warn("cannot read the journal, trying again: {}", why);
            problem = why;
        }
    }

    private void follow() throws IOException, InterruptedException {
        if (JournalSelection.program() == null) {
            throw new IOException("journalctl is not installed");
        }
        Process process = selection.command(options()).start();
        child = process;
        startedAt = System.nanoTime();
        var complaint = new Complaint(process.getErrorStream());
        try {
            process.getOutputStream().close();
            read(new JournalExport(process.getInputStream(), selection, maxLine));
            if (process.waitFor(1, TimeUnit.SECONDS)) {
                throw new IOException("journalctl ended with " + process.exitValue() + complaint.last());
            }
        } finally {
            process.destroyForcibly();
            complaint.join(1000);
        }
    }

    private List<String> options() {
        if (lastCursor != null) {
            return List.of("--follow", "--no-tail", "--cursor=" + lastCursor);
        }
        return start instanceof Start.Last last
                ? List.of("--follow", "--lines=" + last.entries())
                : List.of("--follow", "--no-tail");
    }

    private void read(JournalExport export) throws IOException, InterruptedException {
        Position expected = lastCursor == null ? null : JournalEntry.position(lastCursor);
        for (JournalEntry entry = export.next(); entry != null && !closed; entry = export.next()) {
            problem = null;
            boolean known = entry.at().equals(expected);
            if (expected != null && !known) {
                counters.gaps.incrementAndGet();
                LOG.warn("the entry of the journal that was read last is gone: lines may be missing");
            }
            expected = null;
            if (!known) {
                waiting.put(entry);
                lastCursor = entry.cursor();
            }
        }
    }

    /** What it says of itself when it ends; read by a thread of its own, so that it can never wait for us. */
    private static final class Complaint extends Thread {

        private static final int LONGEST = 300;
        private final InputStream from;
        private volatile String text = "";

        Complaint(InputStream from) {
            super("postbrake-journal-complaints");
            this.from = from;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            byte[] some = new byte[LONGEST];
            try (from) {
                for (int n = from.read(some); n >= 0; n = from.read(some)) {
                    String said = new String(some, 0, n, StandardCharsets.US_ASCII)
                            .replaceAll("[^ -~]+", " ")
                            .strip();
                    text = said.isEmpty() ? text : said;
                }
            } catch (IOException e) {
                LOG.debug("journalctl's complaints end", e);
            }
        }

        String last() throws InterruptedException {
            join(1000);
            return text.isEmpty() ? "" : ": " + text;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Process running = child;
        if (running != null) {
            running.destroyForcibly();
        }
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
