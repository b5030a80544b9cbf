package io.postbrake.policysink;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of the command after a block: no shell, an environment of PATH alone, an end within a time. */
final class HookRun {
    private static final String PATH = "PATH";
    private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int MOST_SAID = 2_000;
    private static final int MOST_TOLD = 300;
    private static final long GRACE_MS = 2_000;
    private static final String NO_TEXT = "[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]+";

    private HookRun() {}

    /**
     * What came of a run.
     *
     * @param status exit status; -1 when it was ended for the time it took
     * @param said the beginning of what it wrote to standard error, as one harmless line
     */
    record Outcome(int status, String said) {
        boolean timedOut() {
            return status < 0;
        }
    }

    /** Runs the command with {@code input}, and waits. Its standard output goes nowhere. */
    static Outcome run(List<String> command, String input, Duration timeout) throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(command).directory(new File("/")).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault(PATH, USUAL_PATH);
        environment.clear();
        environment.put(PATH, path);
        Process process = builder.start();
        var said = new Said(process.getErrorStream());
        try {
            said.thread.start();
            var writer = new Thread(() -> write(process, input), "postbrake-hook-input");
            writer.setDaemon(true);
            writer.start(); // A program that does not read must not hold up the end of its time.
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) {
                said.thread.join(GRACE_MS); // A child in the background may keep it open.
            }
            return new Outcome(ended ? process.exitValue() : -1, said.line());
        } finally {
            end(process);
        }
    }

    private static void write(Process process, String input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It need not read what it is told.
            Thread.yield();
        }
    }

    private static void end(Process process) throws InterruptedException {
        if (!process.isAlive()) {
            return;
        }
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        children.forEach(ProcessHandle::destroy);
        if (!process.waitFor(GRACE_MS, TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    /** Reads to the end, so that the program never waits, and keeps the beginning. */
    private static final class Said {
        private final byte[] kept = new byte[MOST_SAID];
        private int length;
        final Thread thread;

        Said(InputStream from) {
            thread = new Thread(() -> read(from), "postbrake-hook-errors");
            thread.setDaemon(true);
        }

        private void read(InputStream from) {
            byte[] some = new byte[MOST_SAID];
            try {
                for (int n = from.read(some); n >= 0; n = from.read(some)) {
                    keep(some, n);
                }
            } catch (IOException e) {
                keep(new byte[0], 0); // It was ended.
            }
        }

        private synchronized void keep(byte[] some, int n) {
            int more = Math.min(n, kept.length - length);
            System.arraycopy(some, 0, kept, length, more);
            length += more;
        }

        synchronized String line() {
            String text = new String(kept, 0, length, StandardCharsets.UTF_8)
                    .replaceAll(NO_TEXT, " ")
                    .strip();
            return text.length() <= MOST_TOLD ? text : text.substring(0, MOST_TOLD - 3) + "...";
        }
    }
}
