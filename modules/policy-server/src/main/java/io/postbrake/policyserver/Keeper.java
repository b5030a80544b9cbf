package io.postbrake.policyserver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps counts over restarts: the journal's next file ready, all of it written together now and then, what is over dropped. */
final class Keeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final long TURN_MS = 1000;
    private static final long FORGET_MS = TimeUnit.MINUTES.toMillis(1);
    private static final int FILES = 4;

    private final Quotas quotas;
    private final Journal journal;
    private final CountsFile file;
    private final SteadyTime time;
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable String problem;
    private int written;
    private long forgot;

    /** Whether the journal lacks changes: of a time when the disk took no more. */
    private boolean missed;

    private Keeper(Restored restored) {
        quotas = restored.quotas();
        journal = restored.journal();
        file = restored.file();
        time = restored.time();
        thread = new Thread(this::run, "policy-counts");
        thread.setDaemon(true);
    }

    /** What an earlier process left in {@code dir}, from which to go on. */
    record Restored(Path dir, Quotas quotas, Journal journal, CountsFile file, SteadyTime time) {

        /** Writes it together, and keeps it from now on. */
        Keeper start() throws IOException {
            var keeper = new Keeper(this);
            keeper.write();
            keeper.thread.start();
            return keeper;
        }
    }

    /** Reads what is kept in {@code dir}, which must be there. */
    static Restored restore(Path dir, Rules rules) throws IOException {
        var file = new CountsFile(dir);
        CountsFile.Saved saved = file.read();
        var last = new long[1];
        saved.tallies().values().forEach(kept -> kept.buckets().forEach(b -> last[0] = Math.max(last[0], b.at())));
        var journal = Journal.open(dir);
        var quotas = new Quotas(rules, journal);
        quotas.restore(saved);
        Journal.read(dir, saved.journal(), (subject, change) -> {
            last[0] = Math.max(last[0], change.at());
            quotas.restore(subject, change);
        });
        var time = new SteadyTime(last[0]);
        long ahead = time.now() - System.currentTimeMillis();
        if (ahead > TimeUnit.MINUTES.toMillis(1)) {
            LOG.warn(
                    "The clock is {} s behind the counts that are kept: it was set back. They end when they would have",
                    ahead / 1000);
        }
        return new Restored(dir, quotas, journal, file, time);
    }

    private void run() {
        while (!closing) {
            try {
                TimeUnit.MILLISECONDS.sleep(TURN_MS);
                turn();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("Keeping counts", e);
            }
        }
    }

    private void turn() {
        missed |= journal.problem() != null;
        journal.prepare();
        journal.sync();
        long now = time.now();
        if (now - forgot >= FORGET_MS) {
            forgot = now;
            quotas.forget(now);
        }
        if (journal.number() - written >= FILES || (missed && journal.problem() == null)) {
            try {
                write();
                missed = false;
            } catch (IOException e) {
                problem = "counts of the policy server cannot be written: " + e;
                LOG.warn("Cannot write counts, the journal grows: {}", e.toString());
            }
        }
    }

    private void write() throws IOException {
        int first = journal.roll();
        file.write(first, quotas.tallies());
        written = first;
        problem = null;
        journal.drop(first);
    }

    /** Why a restart would lose counts; null when it would not. */
    @Nullable
    String problem() {
        String journals = journal.problem();
        return journals == null ? problem : journals;
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            write();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("Cannot write counts, the journal has them: {}", e.toString());
        }
        journal.close();
    }
}
