package io.postbrake.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/** A page of figures under {@code docs/measurements}, with the machine and the commit that they were seen on. */
public final class Report {

    private Report() {}

    /**
     * Writes the page anew.
     *
     * @param name file name, for example {@code pipeline.md}
     * @param title heading
     * @param body lines of Markdown
     */
    public static void write(String name, String title, List<String> body) throws IOException {
        Path root = root();
        Path file = root.resolve("docs/measurements").resolve(name);
        Files.createDirectories(file.getParent());
        String text = "# " + title + "\n\n" + machine() + ", commit " + commit(root) + ", "
                + LocalDate.now(ZoneOffset.UTC) + ".\n\n" + String.join("\n", body) + "\n";
        Files.writeString(file, text);
        System.out.println(text);
    }

    private static String machine() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        String model = !Files.exists(info)
                ? System.getProperty("os.arch")
                : Files.readAllLines(info).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(System.getProperty("os.arch"));
        return String.format(
                Locale.ROOT,
                "%s, %d cores, Java %s, Linux %s",
                model,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                System.getProperty("os.version"));
    }

    private static String commit(Path root) throws IOException {
        Process git = new ProcessBuilder("git", "-C", root.toString(), "describe", "--always", "--dirty")
                .redirectErrorStream(true)
                .start();
        return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    /** The folder of the checkout: the nearest above that has the launcher. */
    private static Path root() {
        Path dir = Path.of("").toAbsolutePath();
        while (dir != null && !Files.exists(dir.resolve(".ci/run"))) {
            dir = dir.getParent();
        }
        if (dir == null) {
            throw new IllegalStateException("run it inside of a checkout");
        }
        return dir;
    }
}
