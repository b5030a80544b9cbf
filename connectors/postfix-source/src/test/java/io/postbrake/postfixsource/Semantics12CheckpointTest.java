package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipper goes on by its own checkpoint, which never runs ahead of the broker; Connect's offsets are not asked. */
class Semantics12CheckpointTest {

    @TempDir
    private Path dir;

    private Path log;
    private PostfixSourceTask task;

    @BeforeEach
    void aLogOfTenLines() throws Exception {
        log = dir.resolve("mail.log");
        write(log, "A", 10);
        task = started();
    }

    @AfterEach
    void stop() {
        task.stop();
    }

    @Test
    void whatTheBrokerHasNotAcknowledgedIsReadAgain() throws Exception {
        // Given
        List<SourceRecord> records = polled(10);
        for (SourceRecord record : records.subList(0, 4)) {
            task.commitRecord(record, null);
        }
        // One behind a gap does not count.
        task.commitRecord(records.get(6), null);
        task.commit();
        task.stop();
        // When
        task = started();
        // Then
        assertThat(ids(polled(6))).containsExactly("A4", "A5", "A6", "A7", "A8", "A9");
    }

    @Test
    void withoutAnyAcknowledgementEverythingIsReadAgain() throws Exception {
        // Given
        polled(10);
        task.commit();
        task.stop();
        // When
        task = started();
        // Then
        assertThat(ids(polled(10))).containsExactlyElementsOf(ids("A", 10));
    }

    @Test
    void aLostCheckpointMeansTheOldestKeptLogAndNothingIsHalfWritten() throws Exception {
        // Given
        for (SourceRecord record : polled(10)) {
            task.commitRecord(record, null);
        }
        task.commit();
        task.stop();
        assertThat(stateFiles()).noneMatch(file -> file.toString().endsWith(".new"));
        Files.move(log, dir.resolve("mail.log.1"));
        write(log, "B", 3);
        for (Path file : stateFiles()) {
            Files.delete(file);
        }
        // When
        task = started();
        // Then
        List<String> all = new ArrayList<>(ids("A", 10));
        all.addAll(ids("B", 3));
        assertThat(ids(polled(13))).containsExactlyElementsOf(all);
    }

    @Test
    void aHalfWrittenCheckpointIsNoneAndLosesNothing() throws Exception {
        // Given
        for (SourceRecord record : polled(10)) {
            task.commitRecord(record, null);
        }
        task.commit();
        task.stop();
        List<Path> checkpoints = stateFiles().stream()
                .filter(file -> file.toString().contains("checkpoint"))
                .toList();
        assertThat(checkpoints).hasSize(1);
        Files.write(checkpoints.get(0), new byte[0]);
        // When
        task = started();
        // Then
        assertThat(ids(polled(10))).containsExactlyElementsOf(ids("A", 10));
    }

    /** Never initialised with a context: it could not ask Connect for an offset if it wanted to. */
    private PostfixSourceTask started() {
        var fresh = new PostfixSourceTask();
        fresh.start(Map.of(
                "log.paths",
                log.toString(),
                "host.id",
                "mx1",
                "state.dir",
                dir.resolve("state").toString()));
        return fresh;
    }

    private List<SourceRecord> polled(int wanted) throws Exception {
        List<SourceRecord> all = new ArrayList<>();
        for (int i = 0; i < 50 && all.size() < wanted; i++) {
            List<SourceRecord> some = task.poll();
            if (some != null) {
                all.addAll(some);
            }
        }
        List<SourceRecord> more = task.poll();
        assertThat(more == null ? List.of() : more).isEmpty();
        return all;
    }

    private List<Path> stateFiles() throws Exception {
        try (Stream<Path> files = Files.walk(dir.resolve("state"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void write(Path log, String name, int lines) throws Exception {
        var text = new StringBuilder();
        for (String id : ids(name, lines)) {
            text.append("2026-11-24T10:00:00.000000+00:00 mx1 postfix/qmgr[7]: 4bXYZ")
                    .append(id)
                    .append(": removed\n");
        }
        Files.writeString(log, text);
    }

    private static List<String> ids(String name, int lines) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            ids.add(name + i);
        }
        return ids;
    }

    private static List<String> ids(List<SourceRecord> records) {
        return records.stream()
                .map(record -> ((Struct) record.value()).getString("queueId").substring(5))
                .toList();
    }
}
