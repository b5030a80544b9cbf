package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailerTest {

    private static final int MAX_LINE = 1024;

    @TempDir
    private Path dir;

    private Path log;

    @BeforeEach
    void name() {
        log = dir.resolve("mail.log");
    }

    @Test
    void goingOnAfterAnyLineLosesAndRepeatsNothing() throws IOException {
        List<String> written = numbered(0, 50);
        append(log, String.join("\n", written) + "\n");
        List<LogLine> all = readAll(null);

        for (int i = 0; i < all.size(); i++) {
            List<String> rest = texts(readAll(all.get(i).next()));

            assertThat(rest).isEqualTo(written.subList(i + 1, written.size()));
        }
        assertThat(texts(all)).isEqualTo(written);
    }

    @Test
    void aRotatedFileIsDrainedBeforeTheNext() throws IOException {
        append(log, "one\ntwo\n");
        try (var tailer = new LogTailer(log, MAX_LINE, null)) {
            List<String> seen = new ArrayList<>(texts(tailer.poll(100)));
            Files.move(log, dir.resolve("mail.log.1"));
            append(dir.resolve("mail.log.1"), "three\n");
            append(log, "four\n");

            drain(tailer, seen);

            assertThat(seen).containsExactly("one", "two", "three", "four");
        }
    }

    @Test
    void rotationsWhileNobodyReadAreCaughtUp() throws IOException {
        append(log, "one\ntwo\n");
        Position afterOne = readAll(null).get(0).next();
        Files.move(log, dir.resolve("mail.log.2"));
        append(log, "three\n");
        Files.move(log, dir.resolve("mail.log.1"));
        Files.setLastModifiedTime(dir.resolve("mail.log.2"), java.nio.file.attribute.FileTime.fromMillis(1000));
        append(log, "four\n");

        List<String> seen = texts(readAll(afterOne));

        assertThat(seen).containsExactly("two", "three", "four");
    }

    @Test
    void aCopyAndTruncationWhileNobodyReadRepeatsNothing() throws IOException {
        append(log, "one\ntwo\nthree\n");
        Position afterTwo = readAll(null).get(1).next();
        Files.copy(log, dir.resolve("mail.log.1"));
        Files.writeString(log, "four\n", StandardOpenOption.TRUNCATE_EXISTING);

        List<LogLine> seen = readAll(afterTwo);

        assertThat(texts(seen)).containsExactly("three", "four");
        assertThat(seen.get(0).at()).isEqualTo(afterTwo);
        assertThat(seen.get(1).at().sourceId()).isNotEqualTo(afterTwo.sourceId());
    }

    @Test
    void aTruncatedFileStartsANewGeneration() throws IOException {
        append(log, "one\ntwo\n");
        try (var tailer = new LogTailer(log, MAX_LINE, null)) {
            tailer.poll(100);
            Files.writeString(log, "x\n", StandardOpenOption.TRUNCATE_EXISTING);

            List<LogLine> lines = new ArrayList<>(tailer.poll(100));
            lines.addAll(tailer.poll(100));

            assertThat(texts(lines)).containsExactly("x");
            assertThat(lines.get(0).at().generation()).isEqualTo(1);
            assertThat(lines.get(0).at().offset()).isZero();
        }
    }

    @Test
    void aHalfLineIsWaitedFor() throws IOException {
        append(log, "one\nhal");
        try (var tailer = new LogTailer(log, MAX_LINE, null)) {
            assertThat(texts(tailer.poll(100))).containsExactly("one");
            append(log, "f\n");

            assertThat(texts(tailer.poll(100))).containsExactly("half");
        }
    }

    @Test
    void anOverLongLineIsCutAndTheNextOneIsWhole() throws IOException {
        append(log, "first\n" + "x".repeat(1_000_000) + "\nnext\n");

        List<LogLine> lines = readAll(null);

        assertThat(lines).hasSize(3);
        assertThat(lines.get(1).bytes()).hasSize(MAX_LINE);
        assertThat(lines.get(1).length()).isEqualTo(1_000_000);
        assertThat(lines.get(1).cut()).isTrue();
        assertThat(texts(lines).get(2)).isEqualTo("next");
    }

    @Test
    void binaryTextIsReadLikeAnyOther() throws IOException {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        Files.write(log, noise);
        append(log, "\nlast\n");

        List<LogLine> lines = readAll(null);

        assertThat(texts(lines).get(lines.size() - 1)).isEqualTo("last");
        assertThat(lines.stream().mapToLong(l -> l.length() + 1).sum()).isEqualTo(Files.size(log));
    }

    @Test
    void theCheckpointNeverRunsAheadOfTheBroker() {
        var waiting = new Unacknowledged();
        Object first = new Object();
        Object third = new Object();
        waiting.sent(first, at(1));
        waiting.skipped(at(2));
        waiting.sent(third, at(3));

        waiting.acknowledged(third);
        assertThat(waiting.take()).isNull();
        waiting.acknowledged(first);
        assertThat(waiting.take()).isEqualTo(at(3));
    }

    @Test
    void anEmptyOrMissingCheckpointIsNone() throws IOException {
        Path file = dir.resolve("x.checkpoint");
        var checkpoint = new Checkpoint(file);
        assertThat(checkpoint.read()).isNull();
        Files.createFile(file);
        assertThat(checkpoint.read()).isNull();

        checkpoint.write(at(7));

        assertThat(new Checkpoint(file).read()).isEqualTo(at(7));
    }

    private static Position at(long offset) {
        return new Position("file", 0, offset);
    }

    private List<LogLine> readAll(Position from) throws IOException {
        List<LogLine> result = new ArrayList<>();
        try (var tailer = new LogTailer(log, MAX_LINE, from)) {
            for (int idle = 0; idle < 3; ) {
                List<LogLine> lines = tailer.poll(7);
                idle = lines.isEmpty() ? idle + 1 : 0;
                result.addAll(lines);
            }
        }
        return result;
    }

    private static void drain(LogTailer tailer, List<String> into) throws IOException {
        for (int idle = 0; idle < 3; ) {
            List<String> lines = texts(tailer.poll(100));
            idle = lines.isEmpty() ? idle + 1 : 0;
            into.addAll(lines);
        }
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line number " + i).toList();
    }

    private static List<String> texts(List<LogLine> lines) {
        return lines.stream()
                .map(l -> new String(l.bytes(), StandardCharsets.UTF_8))
                .toList();
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
