package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What the service writes to its own log, as a process of its own writes it. */
@Timeout(60)
class LogFormatTest {

    /** Says one decision and one thing that is less than a warning. */
    static final class Speaker {
        private Speaker() {}

        /** What the process runs. */
        public static void main(String[] args) {
            LoggerFactory.getLogger("io.postbrake.decisions").info("a decision");
            LoggerFactory.getLogger("io.postbrake.elsewhere").info("nothing to worry about");
        }
    }

    @Test
    void aLineSaysDateTimeAndZone() throws Exception {
        var java = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                Speaker.class.getName());
        java.environment().putAll(Map.of("TZ", "Asia/Kathmandu"));
        Process process = java.redirectErrorStream(true).start();
        Instant before = Instant.now().minusSeconds(60);
        List<String> lines =
                new String(process.getInputStream().readAllBytes()).lines().toList();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();

        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line).contains("a decision");
            var at = OffsetDateTime.parse(line.substring(0, line.indexOf(' ')));
            assertThat(at.getOffset()).hasToString("+05:45");
            assertThat(at.toInstant()).isBetween(before, Instant.now());
        });
    }
}
