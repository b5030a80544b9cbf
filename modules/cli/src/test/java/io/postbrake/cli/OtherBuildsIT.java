package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another build replays the same logs in a process of its own; here that is this one. */
class OtherBuildsIT {

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aBuildBesideItselfDecidesTheSame() throws IOException {
        jar();

        int exit = evaluate("itself=" + dir);

        assertThat(exit).as(err.toString()).isZero();
        assertThat(err.toString())
                .contains("seed 77, itself: ", "seed 77, this build: ")
                .doesNotContain(" 0 blocks");
        assertThat(out.toString())
                .contains("| | itself | this build | paired difference |")
                .containsPattern("spam leaked, % \\| (\\S+) \\| \\1 \\| 0.00 \\|")
                .containsPattern("first three days: false blocks \\| (\\S+) \\| \\1 \\| 0.00 \\|");
    }

    @Test
    void aFolderWithoutABuildIsRefused() {
        assertThat(evaluate("old=" + dir)).isEqualTo(2);

        assertThat(err.toString()).contains("--beside old is '" + dir + "': give a folder with all jars");
    }

    private int evaluate(String beside) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(
                        "evaluate", "--seed", "77", "--seeds", "1", "--users", "50", "--days", "5", "--beside", beside);
    }

    /** A jar that stands for all that this process runs from. */
    private void jar() throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (var jar = new JarOutputStream(Files.newOutputStream(dir.resolve("all.jar")), manifest)) {
            jar.finish();
        }
    }
}
