package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was answered is counted after a kill -9 too. */
class CountsKeptIT {

    private static final int LIMIT = 30_000;

    @TempDir
    private Path dir;

    @Test
    void nothingThatWasAnsweredIsForgottenByProcessesThatAreKilled() throws Exception {
        int passed = 0;
        for (int life = 0; life < 3; life++) {
            Process process = start();
            try (var client = new PolicyClient(dir.resolve("policy"))) {
                for (int i = 0; i < 9_000; i++) {
                    assertThat(client.rcpt("alice", life + "." + i)).isEqualTo("action=DUNNO");
                    passed++;
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        try (PolicyServer last = CountingProcess.start(dir, LIMIT + "/1d");
                var client = new PolicyClient(dir.resolve("policy"))) {
            while (client.rcpt("alice", "last." + passed).equals("action=DUNNO")) {
                passed++;
            }
            assertThat(last.problems()).isEmpty();
        }

        assertThat(passed).isEqualTo(LIMIT);
    }

    @Test
    void whatIsDamagedIsReadUpToThere() throws Exception {
        Process process = start();
        try (var client = new PolicyClient(dir.resolve("policy"))) {
            for (int i = 0; i < 100; i++) {
                client.rcpt("alice", "i" + i);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        Path journal;
        try (Stream<Path> files = Files.list(dir.resolve("state"))) {
            journal = files.filter(file -> file.getFileName().toString().startsWith("counts.journal"))
                    .min((a, b) -> a.compareTo(b))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(journal);
        bytes[50 * 43] ^= 0x55;
        Files.write(journal, bytes, StandardOpenOption.WRITE);

        int more = 0;
        try (PolicyServer last = CountingProcess.start(dir, "100/1d");
                var client = new PolicyClient(dir.resolve("policy"))) {
            assertThat(last.problems()).isEmpty();
            while (client.rcpt("alice", "more" + more).equals("action=DUNNO")) {
                more++;
            }
        }
        assertThat(more).isEqualTo(50);
    }

    private Process start() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CountingProcess.class.getName(),
                        dir.toString(),
                        LIMIT + "/1d")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("answering");
        return process;
    }
}
