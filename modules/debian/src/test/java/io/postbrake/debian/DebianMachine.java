package io.postbrake.debian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Debian of some suite in a root directory of its own, with Postfix and without Java; only the network is this machine's. As
 * nothing starts services there, a test does. What debootstrap and apt fetched is kept for the next time.
 */
final class DebianMachine implements AutoCloseable {

    private static final Path DEBOOTSTRAP = Path.of("/usr/sbin/debootstrap");
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "postbrake");
    private static final String MAIL_SERVER = "postfix postfix-lmdb sasl2-bin libsasl2-modules systemd man-db";

    private final Path root;

    private DebianMachine(Path root) {
        this.root = root;
    }

    /** Why there can be none here; empty when there can. */
    static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root changes its root directory");
        }
        return Files.exists(DEBOOTSTRAP)
                ? Optional.empty()
                : Optional.of(DEBOOTSTRAP + " is missing: install debootstrap");
    }

    static DebianMachine create(String suite) throws IOException, InterruptedException {
        Path made = CACHE.resolve("debian-mail-" + suite);
        if (!Files.isDirectory(made)) {
            bootstrap(suite, made);
        }
        Path root = Files.createTempDirectory(Path.of("/var/tmp"), "postbrake-debian-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        here("cp", "-a", made + "/.", root.toString());
        return new DebianMachine(root).mounted();
    }

    private static void bootstrap(String suite, Path made) throws IOException, InterruptedException {
        Files.createDirectories(CACHE);
        Path root = Files.createTempDirectory(CACHE, "making-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        here(DEBOOTSTRAP.toString(), "--variant=minbase", suite, root.toString());
        Path never = Files.writeString(root.resolve("usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n");
        Files.setPosixFilePermissions(never, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Path.of("/etc/resolv.conf"), root.resolve("etc/resolv.conf"), StandardCopyOption.REPLACE_EXISTING);
        try (DebianMachine machine = new DebianMachine(root).mounted()) {
            machine.shell(
                    "apt-get update -qq && apt-get install -y -qq --no-install-recommends " + MAIL_SERVER
                            + " && apt-get install -y -qq --download-only --no-install-recommends default-jre-headless adduser");
            machine.unmount();
            Files.move(root, made);
        }
    }

    /** Java and dpkg want to know what is mounted where. */
    private DebianMachine mounted() throws IOException, InterruptedException {
        here("mount", "--bind", root.toString(), root.toString());
        here("mount", "-t", "proc", "proc", root.resolve("proc").toString());
        return this;
    }

    private void unmount() throws IOException, InterruptedException {
        here("umount", root.resolve("proc").toString());
        here("umount", root.toString());
    }

    /** A file of its, as this machine names it. */
    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** What a command prints, and how it ended. */
    record Outcome(int status, String said) {}

    /** Runs a line of shell there, which must succeed; what it printed. */
    String shell(String line) throws IOException, InterruptedException {
        Outcome outcome = attempt(line);
        if (outcome.status() != 0) {
            throw new IOException(line + " ended with " + outcome.status() + ": " + outcome.said());
        }
        return outcome.said();
    }

    Outcome attempt(String line) throws IOException, InterruptedException {
        Process process = builder("sh", "-c", line).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    /** Starts a command there, and writes what it prints to {@code output}. */
    Process start(Path output, String... command) throws IOException {
        return builder(command).redirectOutput(output.toFile()).start();
    }

    private ProcessBuilder builder(String... command) {
        List<String> all = new ArrayList<>(List.of("chroot", root.toString()));
        all.addAll(List.of(command));
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().remove("JAVA_HOME");
        return builder;
    }

    private static void here(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    @Override
    public void close() throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try {
            attempt("postfix stop");
            unmount();
            // Nothing is mounted there any more, so that only the copy is deleted.
            here("rm", "-rf", "--one-file-system", root.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
