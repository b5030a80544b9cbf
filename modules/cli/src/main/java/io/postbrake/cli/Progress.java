package io.postbrake.cli;

import io.postbrake.replay.LogSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** A bar that shows how much was read; on a terminal only. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long MILLIS = 250;

    private final Supplier<String> bar;
    private final PrintWriter err;
    private final Thread thread;

    private Progress(Supplier<String> bar, PrintWriter err) {
        this.bar = bar;
        this.err = err;
        thread = new Thread(this::show, "progress");
        thread.setDaemon(true);
    }

    /** How much of the logs was read. Starts the bar, or does nothing where nobody would see it. */
    static Progress start(List<LogSource> sources, PrintWriter err) {
        return start(
                () -> bytes(
                        sources.stream().mapToLong(LogSource::bytesRead).sum(),
                        sources.stream().mapToLong(LogSource::size).sum()),
                err);
    }

    /** How many of the records that the topic holds were read. */
    static Progress start(TopicEvents events, PrintWriter err) {
        return start(() -> records(events.done(), events.total()), err);
    }

    private static Progress start(Supplier<String> bar, PrintWriter err) {
        var progress = new Progress(bar, err);
        if (onTerminal()) {
            progress.thread.start();
        }
        return progress;
    }

    /** Java knows a terminal only where all streams are on it, but the decisions often go to a file. */
    private static boolean onTerminal() {
        try {
            String err = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return err.startsWith("/dev/pts/") || err.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }

    private void show() {
        try {
            while (true) {
                err.print('\r' + bar.get());
                err.flush();
                Thread.sleep(MILLIS);
            }
        } catch (InterruptedException e) {
            err.print("\r" + " ".repeat(WIDTH + 50) + "\r");
            err.flush();
        }
    }

    /** Bytes; {@code size} is 0 when nobody knows how many there are. */
    static String bytes(long read, long size) {
        double mb = read / 1e6;
        return size <= 0
                ? String.format(Locale.ROOT, "%.1f MB", mb)
                : bar(read, size) + String.format(Locale.ROOT, "%.1f of %.1f MB", mb, size / 1e6);
    }

    static String records(long read, long all) {
        return bar(read, all) + String.format(Locale.ROOT, "%,d of %,d records", read, all);
    }

    private static String bar(long done, long all) {
        double share = all <= 0 ? 1 : Math.min(1, (double) done / all);
        int full = (int) (share * WIDTH);
        return String.format(
                Locale.ROOT, "[%s%s] %3d %%  ", "#".repeat(full), ".".repeat(WIDTH - full), (int) (share * 100));
    }

    @Override
    public void close() throws InterruptedException {
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join();
        }
    }
}
