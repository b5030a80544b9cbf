package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What used to lose or repeat lines. */
class LossTest {
    @TempDir
    Path dir;

    private static final String GOOD = "2026-11-24T10:00:00.000000+00:00 mx1 postfix/qmgr[7]: 4bXYZ12345z: removed\n";

    @Test
    void aRestartAfterATruncationRepeatsNothing() throws Exception {
        Path log = dir.resolve("mail.log");
        Files.writeString(log, "a1\na2\n");
        LogTailer tailer = new LogTailer(log, 65536, null);
        assertThat(tailer.poll(10)).hasSize(2);
        Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
        tailer.poll(10);
        Files.writeString(log, "b1\nb2\n", StandardOpenOption.APPEND);
        List<LogLine> lines = tailer.poll(10);
        assertThat(lines).hasSize(2);
        tailer.close();
        try (LogTailer again = new LogTailer(log, 65536, lines.get(1).next())) {
            assertThat(again.poll(10)).isEmpty();
        }
    }

    @Test
    void aTruncationOutgrownBetweenTwoPollsIsSeen() throws Exception {
        Path log = dir.resolve("mail.log");
        Files.writeString(log, "a1\na2\n");
        LogTailer tailer = new LogTailer(log, 65536, null);
        assertThat(tailer.poll(10)).hasSize(2);
        Files.writeString(log, "bbbb1\nbbbb2\nbbbb3\n", StandardOpenOption.TRUNCATE_EXISTING);
        List<LogLine> lines = new ArrayList<>(tailer.poll(10));
        lines.addAll(tailer.poll(10));
        assertThat(lines).hasSize(3);
    }

    @Test
    void aQuarantineThatCannotBeWrittenLosesNoEvent() throws Exception {
        Path log = dir.resolve("mail.log");
        Path state = Files.createDirectories(dir.resolve("state"));
        String name = HexFormat.of().formatHex(LogTailer.sha256(log.toString().getBytes(StandardCharsets.UTF_8)), 0, 6);
        Files.createDirectory(state.resolve(name + ".quarantine"));
        Files.writeString(log, GOOD + "garbage\n" + GOOD);
        PostfixSourceTask task = new PostfixSourceTask();
        task.start(Map.of("log.paths", log.toString(), "host.id", "mx1", "state.dir", state.toString()));
        List<SourceRecord> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            List<SourceRecord> some = task.poll();
            if (some != null) {
                all.addAll(some);
            }
        }
        task.stop();
        assertThat(all).hasSize(3);
    }
}
