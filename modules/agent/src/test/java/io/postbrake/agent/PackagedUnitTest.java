package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of the archive, as systemd itself judges it. */
class PackagedUnitTest {

    private static final Path UNIT = Path.of("src/dist/systemd/postbrake-agent.service");

    @TempDir
    private Path dir;

    @Test
    void systemdUnderstandsEveryLineAndFindsItWellConfined() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/systemd-analyze")), "no systemd-analyze here");
        String text = Files.readString(UNIT).replaceFirst("(?m)^ExecStart=\\S+", "ExecStart=/bin/true");
        Path unit = Files.writeString(dir.resolve("postbrake-agent.service"), text);

        String complaints = run(List.of("systemd-analyze", "verify", unit.toString()));
        String exposure = run(List.of(
                "systemd-analyze", "security", "--offline=true", "--threshold=35", "--no-pager", unit.toString()));

        // Of other units of the machine it complains, too.
        assertThat(complaints.lines().filter(line -> line.contains("postbrake")))
                .isEmpty();
        assertThat(exposure).contains("Overall exposure level");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
