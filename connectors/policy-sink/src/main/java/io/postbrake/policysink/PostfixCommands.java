package io.postbrake.policysink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Postfix's own programs, each started directly with its arguments: nothing passes through a shell. */
public final class PostfixCommands {

    private static final Logger LOG = LoggerFactory.getLogger(PostfixCommands.class);
    private static final long PATIENCE_S = 20;

    private final List<String> directories;

    /** @param directories one configuration directory an instance */
    PostfixCommands(List<String> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Makes every instance that consults one of the tables open it anew. A host where that fails is told what to do. */
    void reload(Set<Path> tables) {
        List<String> names = tables.stream()
                .map(table -> table.toString().replaceFirst("\\.lmdb$", ""))
                .toList();
        for (String directory : directories) {
            try {
                String settings = run(List.of("postconf", "-c", directory, "-n"), "")
                        + run(List.of("postconf", "-c", directory, "-P"), "");
                if (names.stream().noneMatch(settings::contains)) {
                    continue;
                }
                if (output(List.of("postfix", "-c", directory, "status"), "").status() != 0) {
                    LOG.info("Postfix in {} does not run: it opens its tables when it starts", directory);
                    continue;
                }
                run(List.of("postfix", "-c", directory, "reload"), "");
                LOG.info("Postfix in {} was reloaded", directory);
            } catch (IOException e) {
                LOG.error("run `postfix -c {} reload`, it has to open its tables anew: {}", directory, e.getMessage());
            }
        }
    }

    /**
     * What a program said.
     *
     * @param status its exit status, 0 when it did what it was told
     */
    record Output(int status, String text) {}

    /**
     * Runs a program and returns its output.
     *
     * @throws IOException when it cannot be started, fails, or takes longer than 20 seconds
     */
    public static String run(List<String> command, String input) throws IOException {
        Output output = output(command, input);
        if (output.status() != 0) {
            throw new IOException(command.get(0) + " failed: " + output.text().strip());
        }
        return output.text();
    }

    /** As {@link #run}, but a failure is for the caller to judge. */
    static Output output(List<String> command, String input) throws IOException {
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .start();
        try {
            var output = new StringBuilder();
            var reader = new Thread(
                    () -> {
                        try {
                            output.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                        } catch (IOException e) {
                            output.append(e.getMessage());
                        }
                    },
                    "postbrake-output");
            reader.setDaemon(true);
            reader.start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                throw new IOException(command.get(0) + " did not end within " + PATIENCE_S + " s");
            }
            reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
            return new Output(process.exitValue(), output.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.get(0) + " ran", e);
        } finally {
            process.destroy();
        }
    }
}
