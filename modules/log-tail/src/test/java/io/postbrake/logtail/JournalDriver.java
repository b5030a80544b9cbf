package io.postbrake.logtail;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Real journal files, written by systemd's own program, each with a sequence of numbers of its own. */
final class JournalDriver {

    private static final Path WRITER = Path.of("/lib/systemd/systemd-journal-remote");
    private static final String BOOT = "8ddd15c1498845ae8dd4140a2e1075d9";

    final Path dir;
    private long written;

    JournalDriver(Path dir) {
        assumeTrue(
                Files.isExecutable(WRITER) && JournalSelection.program() != null, "systemd-journal-remote is missing");
        this.dir = dir;
    }

    /** Adds an entry for each text to a file, which is made when it is not there. */
    void append(String file, String... texts) throws IOException, InterruptedException {
        var export = new StringBuilder();
        for (String text : texts) {
            long micros = 1_790_000_000_000_000L + 1_000_000 * written++;
            export.append("__REALTIME_TIMESTAMP=").append(micros).append('\n');
            export.append("__MONOTONIC_TIMESTAMP=").append(1_000_000 * written).append('\n');
            export.append("_BOOT_ID=").append(BOOT).append('\n');
            export.append("SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\n_UID=0\n_HOSTNAME=mx1\nSYSLOG_PID=71\n");
            export.append("MESSAGE=").append(text).append("\n\n");
        }
        Process writer = new ProcessBuilder(WRITER.toString(), "--output=" + dir.resolve(file + ".journal"), "-")
                .redirectErrorStream(true)
                .start();
        writer.getOutputStream().write(export.toString().getBytes(StandardCharsets.UTF_8));
        writer.getOutputStream().close();
        writer.getInputStream().readAllBytes();
        if (!writer.waitFor(30, TimeUnit.SECONDS) || writer.exitValue() != 0) {
            throw new IOException("systemd-journal-remote failed");
        }
    }

    /** As retention does. */
    void vacuum(String file) throws IOException {
        Files.delete(dir.resolve(file + ".journal"));
    }

    JournalSelection selection(String... matches) {
        return new JournalSelection(
                dir, matches.length == 0 ? java.util.List.of("SYSLOG_FACILITY=2") : java.util.List.of(matches));
    }
}
