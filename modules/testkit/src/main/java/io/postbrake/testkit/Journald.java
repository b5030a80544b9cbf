package io.postbrake.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real systemd-journald of its own, as on a host without a mail.log. It has a mount namespace, so that this machine's own
 * journal and {@code /dev/log} are left alone: its files are in a private directory, and what is run {@link #inside} logs to it.
 */
public final class Journald implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/lib/systemd/systemd-journald");
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");
    private static final Path NSENTER = Path.of("/usr/bin/nsenter");
    private static final Path JOURNALCTL = Path.of("/usr/bin/journalctl");
    /** Another /run, in which the journal's files are this directory's, and another /dev with a socket for syslog. */
    private static final String NAMESPACE = """
        set -e
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/journal /run/log/journal
        mount --bind "$1/files" /run/log/journal
        mount -t tmpfs tmpfs "$1/dev"
        cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$1/dev"
        ln -s /run/systemd/journal/dev-log "$1/dev/log"
        mount --rbind "$1/dev" /dev
        exec %s
        """.formatted(PROGRAM);

    private final Path files;
    private final Process process;

    private Journald(Path files, Process process) {
        this.files = files;
        this.process = process;
    }

    /** Why none can run here; empty when it can. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root makes a mount namespace");
        }
        Optional<String> absent = Stream.of(PROGRAM, UNSHARE, NSENTER, JOURNALCTL)
                .filter(p -> !Files.isExecutable(p))
                .findFirst()
                .map(p -> p + " is missing: install systemd and util-linux");
        return absent.isPresent() || mayUnshare()
                ? absent
                : Optional.of("root may not make a mount namespace here, as in a container");
    }

    private static boolean mayUnshare() {
        try {
            return new ProcessBuilder(UNSHARE.toString(), "--mount", "/bin/true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Starts one whose files are below {@code dir}, and waits for its socket. */
    public static Journald start(Path dir) throws IOException, InterruptedException {
        Path files = Files.createDirectory(dir.resolve("files"));
        Files.createDirectory(dir.resolve("dev"));
        Path said = dir.resolve("journald.out");
        Process process = new ProcessBuilder(
                        UNSHARE.toString(), "--mount", "--", "/bin/sh", "-c", NAMESPACE, "journald", dir.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        var journald = new Journald(files, process);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!journald.run("/usr/bin/test", "-S", "/dev/log")) {
            if (!process.isAlive() || System.nanoTime() > until) {
                journald.close();
                throw new IOException("systemd-journald does not run: " + Files.readString(said));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return journald;
    }

    /** The directory of its files. */
    public Path directory() {
        return files;
    }

    /** The command that runs {@code command} where /dev/log is this one's. */
    public List<String> inside(String... command) {
        List<String> words = new ArrayList<>(
                List.of(NSENTER.toString(), "--mount", "--target", String.valueOf(process.pid()), "--"));
        words.addAll(List.of(command));
        return words;
    }

    /** Runs a command there; whether it succeeded. */
    public boolean run(String... command) throws IOException, InterruptedException {
        Process run = new ProcessBuilder(inside(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return run.waitFor() == 0;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
