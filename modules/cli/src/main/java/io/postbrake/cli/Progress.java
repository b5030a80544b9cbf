package io.postbrake.cli;

import io.postbrake.replay.LogSource;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** A bar that shows how much of the logs was read; on a terminal only. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long MILLIS = 250;

    private final List<LogSource> sources;
    private final PrintWriter err;
    private final Thread thread;

    private Progress(List<LogSource> sources, PrintWriter err) {
        this.sources = sources;
        this.err = err;
        thread = new Thread(this::show, "progress");
        thread.setDaemon(true);
    }

    /** Starts the bar, or does nothing where nobody would see it. */
    static Progress start(List<LogSource> sources, PrintWriter err) {
        var progress = new Progress(sources, err);
        if (System.console() != null) {
            progress.thread.start();
        }
        return progress;
    }

    private void show() {
        try {
            while (true) {
                long size = sources.stream().mapToLong(LogSource::size).sum();
                long read = sources.stream().mapToLong(LogSource::bytesRead).sum();
                err.print('\r' + bar(read, size));
                err.flush();
                Thread.sleep(MILLIS);
            }
        } catch (InterruptedException e) {
            err.print("\r" + " ".repeat(WIDTH + 40) + "\r");
            err.flush();
        }
    }

    static String bar(long read, long size) {
        double mb = read / 1e6;
        if (size <= 0) {
            return String.format(Locale.ROOT, "%.1f MB", mb);
        }
        double share = Math.min(1, (double) read / size);
        int full = (int) (share * WIDTH);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  %.1f of %.1f MB",
                "#".repeat(full),
                ".".repeat(WIDTH - full),
                (int) (share * 100),
                mb,
                size / 1e6);
    }

    @Override
    public void close() throws InterruptedException {
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join();
        }
    }
}
