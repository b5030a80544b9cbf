package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After an upgrade the shipper goes on at the line where the one before it stopped, with the same identity of the log's text. */
class EarlierCheckpointTest {

    /** What the state files are called. */
    private static final String NAME = "7e6a25198cde";

    @TempDir
    private Path dir;

    private Path log;
    private Path state;
    private PostfixSourceTask task;

    @BeforeEach
    void start() throws IOException {
        log = dir.resolve("mail.log");
        state = Files.createDirectory(dir.resolve("state"));
        try (InputStream in = packed("mail.log")) {
            Files.copy(in, log);
        }
        checkpoint();
    }

    @AfterEach
    void stop() {
        if (task != null) {
            task.stop();
        }
    }

    @Test
    void noLineIsLostOrRepeated() throws Exception {
        long end = Files.size(log);
        append("A00001");
        append("A00002");

        List<SourceRecord> records = polled();

        assertThat(queueIds(records)).containsExactly("A00001", "A00002");
        assertThat(((Struct) records.get(0).value()).getInt64("position")).isEqualTo(end);
        assertThat(((Struct) records.get(0).value()).getString("sourceId")).isEqualTo(sourceId(log));
    }

    @Test
    void alsoWhenTheLogWasRotatedMeanwhile() throws Exception {
        append("A00001");
        Files.move(log, dir.resolve("mail.log.1"));
        append("A00002");

        List<SourceRecord> records = polled();

        assertThat(queueIds(records)).containsExactly("A00001", "A00002");
    }

    /** The checkpoint as it was written, for this log: a text's identity holds the path, which was another then. */
    private void checkpoint() throws IOException {
        String then = lines(NAME + ".log").get(0);
        assertThat(NAME).as("the name of the files of %s", then).isEqualTo(name(Path.of(then)));
        List<String> lines = new ArrayList<>(lines(NAME + ".checkpoint"));
        assertThat(lines.remove(lines.size() - 1)).isEqualTo(sum(lines));
        assertThat(lines)
                .hasSize(2)
                .element(1)
                .asString()
                .startsWith(sourceId(Path.of(then)) + " 0 " + Files.size(log) + " ");
        lines.set(1, lines.get(1).replace(sourceId(Path.of(then)), sourceId(log)));
        lines.add(sum(lines));
        Files.writeString(state.resolve(name(log) + ".checkpoint"), String.join("\n", lines) + "\n");
        Files.writeString(state.resolve(name(log) + ".log"), log + "\n");
    }

    private static String name(Path log) {
        return HexFormat.of().formatHex(sha256().digest(log.toString().getBytes(StandardCharsets.UTF_8)), 0, 6);
    }

    private String sourceId(Path path) throws IOException {
        MessageDigest digest = sha256();
        digest.update((path + "\0").getBytes(StandardCharsets.UTF_8));
        try (Stream<String> text = Files.lines(log)) {
            digest.update(text.findFirst().orElseThrow().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    private static String sum(List<String> lines) {
        var sum = new CRC32C();
        lines.forEach(line -> sum.update((line + "\n").getBytes(StandardCharsets.ISO_8859_1)));
        return "sum " + sum.getValue();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> queueIds(List<SourceRecord> records) {
        return records.stream()
                .map(r -> ((Struct) r.value()).getString("queueId"))
                .toList();
    }

    private void append(String queueId) throws IOException {
        Files.writeString(
                log,
                "2026-11-29T15:00:00.000000+00:00 mx1 postfix/qmgr[9]: " + queueId + ": removed\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private List<SourceRecord> polled() throws InterruptedException {
        Map<String, String> settings = new HashMap<>();
        settings.put("log.paths", log.toString());
        settings.put("host.id", "mx1");
        settings.put("state.dir", state.toString());
        settings.put("topic", "mail.events.v1");
        task = new PostfixSourceTask();
        task.start(settings);
        List<SourceRecord> records = new ArrayList<>();
        for (int idle = 0; idle < 3; ) {
            List<SourceRecord> some = task.poll();
            idle = some == null ? idle + 1 : 0;
            records.addAll(some == null ? List.of() : some);
        }
        return records;
    }

    private static InputStream packed(String name) throws IOException {
        return new GZIPInputStream(EarlierCheckpointTest.class.getResourceAsStream("/earlier/" + name + ".gz"));
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream in = packed(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
