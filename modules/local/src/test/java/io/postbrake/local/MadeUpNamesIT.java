package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PolicyMap;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names and addresses cost nothing to make up: two million of them leave the heap of one mail server as it was. */
@Tag("soak")
@Timeout(5_400)
class MadeUpNamesIT {

    private static final int STRANGERS = 2_000_000;

    /** Each line is four subjects' business: the name's, the address's and those of two ranges. Asked for is memory, not pace. */
    private static final Duration PATIENCE = Duration.ofMinutes(75);

    @TempDir
    private Path dir;

    @Test
    void aThiefIsStoppedAfterTwoMillionNamesAndAddresses() throws Exception {
        // Given
        Path log = Files.createFile(dir.resolve("mail.log"));
        Path map = dir.resolve("blocked.lmdb");
        Path config = Files.writeString(dir.resolve("postbrake.yaml"), """
                host: mx1
                watch: 0d
                log: %s
                map: %s
                data: %s
                broker.port: 0
                registry.port: 0
                http.port: -1
                console: {port: -1}
                """.formatted(log, map, dir.resolve("data")));
        Path up = dir.resolve("up");
        var heap = List.of("-Xmx512m", "-XX:+ExitOnOutOfMemoryError");
        try (JavaProcess ours = JavaProcess.start(
                dir.resolve("out"), heap, JavaProcess.Everything.class, config.toString(), up.toString())) {
            Operator.awaits("all is up", Duration.ofMinutes(3), () -> Files.exists(up) && Files.exists(map));
            // When
            failures(log);
            Thief.steals(log, 60);
            // Then
            Operator.awaits("the thief is stopped", PATIENCE, () -> {
                assertThat(ours.isAlive()).as("it has not run out of memory").isTrue();
                return PolicyMap.read(map, Thief.ACCOUNT).isPresent();
            });
            System.out.println("| " + STRANGERS + " strangers "
                    + ProcessMemory.of(ours.pid()).row("after"));
        }
    }

    /** Each from an address of its own, at a name of its own. */
    private static void failures(Path log) throws Exception {
        try (BufferedWriter out = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
            for (int i = 0; i < STRANGERS; i++) {
                String stamp = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
                out.write(String.format(
                        Locale.ROOT,
                        "%s mx1 postfix/smtpd[2202]: warning: unknown[2001:db8:%x:%x::1]: SASL LOGIN authentication failed:"
                                + " (reason unavailable), sasl_username=name%d@example.org%n",
                        stamp,
                        i >> 16,
                        i & 0xffff,
                        i));
            }
        }
    }
}
