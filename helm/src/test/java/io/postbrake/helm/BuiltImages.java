package io.postbrake.helm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The images as {@code ./postbrake images} builds them, with buildah, on a Debian that debootstrap made: base and JDK need no
 * registry of images. What debootstrap and apt fetched is kept for the next time.
 */
final class BuiltImages implements AutoCloseable {

    private static final String SUITE = "bookworm";
    private static final String NAMES = "localhost/postbrake-test/";
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "postbrake");
    private static final String TAG = "tried";

    private final Map<String, String> containers = new LinkedHashMap<>();
    private final Map<String, Path> roots = new LinkedHashMap<>();
    private String said = "";

    /** Why there can be none here; empty when there can. */
    static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root runs containers without a service of its own");
        }
        return Stream.of("/usr/bin/buildah", "/usr/bin/crun", "/usr/sbin/debootstrap")
                .filter(program -> !Files.exists(Path.of(program)))
                .findFirst()
                .map(program ->
                        program + " is missing: install " + Path.of(program).getFileName());
    }

    static BuiltImages build() throws IOException, InterruptedException {
        var images = new BuiltImages();
        imports("base", "true");
        imports("jdk", "apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless binutils");
        images.said = run(
                "bash",
                "../docker/images",
                "--tool",
                "buildah",
                "--jdk",
                NAMES + "jdk:" + SUITE,
                "--base",
                NAMES + "base:" + SUITE,
                "--tag",
                TAG);
        for (String image : List.of("detector", "agent")) {
            String container = run("buildah", "from", "--pull-never", "postbrake/" + image + ":" + TAG)
                    .strip();
            images.containers.put(image, container);
            images.roots.put(image, Path.of(run("buildah", "mount", container).strip()));
        }
        return images;
    }

    /** What the build printed: a line an image, with its size. */
    String said() {
        return said;
    }

    /** File system of the image that a pod names. */
    Path root(String image) {
        return roots.get(image.contains("/agent:") ? "agent" : "detector");
    }

    /** The user and the command that the image itself names. */
    String configuration(String image) throws IOException, InterruptedException {
        return run("buildah", "inspect", "--type", "image", "postbrake/" + image + ":" + TAG);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (String container : containers.values()) {
            run("buildah", "umount", container);
            run("buildah", "rm", container);
        }
    }

    private static void imports(String name, String further) throws IOException, InterruptedException {
        if (!run("buildah", "images", "-q", "--filter", "reference=" + NAMES + name + ":" + SUITE)
                .isBlank()) {
            return;
        }
        Path root = Files.createTempDirectory(Files.createDirectories(CACHE), "image-");
        run("debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, root.toString());
        Files.copy(Path.of("/etc/resolv.conf"), root.resolve("etc/resolv.conf"), StandardCopyOption.REPLACE_EXISTING);
        run("mount", "-t", "proc", "proc", root.resolve("proc").toString());
        try {
            run("chroot", root.toString(), "sh", "-c", "apt-get update -qq && " + further + " && apt-get clean");
        } finally {
            run("umount", root.resolve("proc").toString());
        }
        // As the slim images of Debian: nothing to read.
        for (String needless : List.of("var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")) {
            run("rm", "-r", root.resolve(needless).toString());
        }
        String container = run("buildah", "from", "scratch").strip();
        run("buildah", "add", "-q", container, root.toString(), "/");
        run("buildah", "config", "--env", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container);
        run("buildah", "commit", "-q", container, NAMES + name + ":" + SUITE);
        run("buildah", "rm", container);
        run("rm", "-r", root.toString());
    }

    /** Its standard output; an error with all it said when it fails. */
    private static String run(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("postbrake-", ".out");
        Path err = Files.createTempFile("postbrake-", ".err");
        try {
            var builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            // Neither fuse nor a runtime's daemon is needed so.
            builder.environment().put("BUILDAH_ISOLATION", "chroot");
            builder.environment().put("STORAGE_DRIVER", "vfs");
            builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
            Process process = builder.start();
            if (!process.waitFor(15, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(
                        String.join(" ", command) + "\n" + Files.readString(out, StandardCharsets.UTF_8)
                                + Files.readString(err, StandardCharsets.UTF_8));
            }
            return Files.readString(out, StandardCharsets.UTF_8);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
