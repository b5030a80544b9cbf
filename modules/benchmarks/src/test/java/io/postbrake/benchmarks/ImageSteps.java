package io.postbrake.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/** The build steps of an image's Dockerfile, run on this machine below a folder of its own instead of in a container. */
final class ImageSteps {

    private static final Path ROOT = Path.of("../..");
    private static final String ARCHIVES = "COPY modules/";

    private ImageSteps() {}

    /** The distribution archive that a Dockerfile copies; empty before {@code mvn package}. */
    static Optional<Path> archive(String dockerfile) throws IOException {
        String copy = lines(dockerfile)
                .filter(line -> line.startsWith(ARCHIVES))
                .findFirst()
                .orElseThrow();
        Path pattern = ROOT.resolve(copy.split(" ")[1]);
        if (!Files.isDirectory(pattern.getParent())) {
            return Optional.empty();
        }
        try (var found = Files.newDirectoryStream(
                pattern.getParent(), pattern.getFileName().toString())) {
            return Stream.of(found.iterator())
                    .filter(i -> i.hasNext())
                    .map(i -> i.next())
                    .findFirst();
        }
    }

    /** Runs the first stage; what the image would have in {@code /opt} is in {@code dir/opt} then. */
    static void run(String dockerfile, Path dir) throws IOException, InterruptedException {
        Files.createDirectories(dir.resolve("opt"));
        Files.createDirectories(dir.resolve("tmp"));
        List<String> steps = lines(dockerfile)
                .takeWhile(line -> !line.equals("FROM ${BASE}"))
                .toList();
        for (String step : steps) {
            if (step.startsWith(ARCHIVES)) {
                Path to = Path.of(moved(step.split(" ")[2], dir));
                Files.copy(archive(dockerfile).orElseThrow(), to, StandardCopyOption.REPLACE_EXISTING);
            } else if (step.startsWith("RUN ")) {
                shell(moved(step.substring("RUN ".length()), dir), dir.resolve("tmp/step.log"));
            }
        }
        // The archives of classes come back as a layer of their own.
        shell("cp -a " + dir + "/opt/archives/. " + dir + "/opt/", dir.resolve("tmp/step.log"));
    }

    private static String moved(String text, Path dir) {
        return text.replaceAll("(?<![\\w/])/(opt|tmp)/", Matcher.quoteReplacement(dir.toString()) + "/$1/");
    }

    private static void shell(String command, Path log) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin").toString(),
                        (old, jdk) -> jdk + ":" + old);
        Process process = builder.start();
        if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(command + "\n" + Files.readString(log, StandardCharsets.UTF_8));
        }
    }

    /** Instructions, one a line. */
    private static Stream<String> lines(String dockerfile) throws IOException {
        String text = Files.readString(ROOT.resolve("docker").resolve(dockerfile));
        return text.lines()
                .filter(line -> !line.startsWith("#"))
                .reduce((a, b) -> a + "\n" + b)
                .orElseThrow()
                .replace("\\\n", " ")
                .lines();
    }
}
