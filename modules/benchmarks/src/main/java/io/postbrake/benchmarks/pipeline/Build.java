package io.postbrake.benchmarks.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A build to be measured.
 *
 * @param name commit, as the tables call it
 * @param launcher its {@code postbrake}, which starts everything as anybody would
 */
record Build(String name, Path launcher) {

    /** This checkout, as it is. */
    static Build here(Path root) throws IOException, InterruptedException {
        String commit = output(List.of("git", "-C", root.toString(), "describe", "--always", "--dirty"));
        return new Build(commit, root.resolve("postbrake"));
    }

    /**
     * Another commit of this repository, cloned below {@code dir} and built there by its own launcher. What it installs in the
     * Maven repository is nothing: only dependencies are fetched.
     *
     * @throws IOException when it cannot be cloned or built
     */
    static Build of(Path root, String commit, Path dir) throws IOException, InterruptedException {
        Path clone = dir.resolve("build-" + commit);
        if (!Files.exists(clone)) {
            output(List.of("git", "clone", "--quiet", "--no-checkout", root.toString(), clone.toString()));
            output(List.of("git", "-C", clone.toString(), "checkout", "--quiet", "--detach", commit));
        }
        var build = new Build(commit, clone.resolve("postbrake"));
        build.says("--version"); // builds it
        return build;
    }

    /** What a command of it prints. */
    String says(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /** Whether its own check of a configuration file finds nothing wrong. */
    boolean takes(Path config) throws IOException, InterruptedException {
        return new ProcessBuilder(launcher.toString(), "config", "check", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
        return said;
    }
}
