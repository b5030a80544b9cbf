package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text that is not understood stays on the host; what leaves it is where it stands, how long it is and its hash. */
class Semantics11UnparsedTextTest {

    private static final String GOOD = "2026-11-24T10:00:00.000000+00:00 mx1 postfix/qmgr[7]: 4bXYZ12345z: removed\n";
    private static final String SECRET = "user=anna password=hunter2 \u0007";

    @TempDir
    private Path dir;

    @Test
    void theTextIsKeptForItsOwnerOnlyAndKafkaGetsLengthHashAndReason() throws Exception {
        // Given
        byte[] line = SECRET.getBytes(StandardCharsets.UTF_8);
        // When
        List<SourceRecord> records = shipped((SECRET + "\n" + GOOD).getBytes(StandardCharsets.UTF_8), "100000");
        // Then
        assertThat(records).hasSize(2);
        Struct unparsed = (Struct) records.get(0).value();
        assertThat(unparsed.getString("kind")).isEqualTo("unparsed");
        assertThat(unparsed.get("position")).isEqualTo(0L);
        assertThat(unparsed.get("rawLength")).isEqualTo((long) line.length);
        assertThat(unparsed.get("rawHash")).isEqualTo(sha256(line));
        assertThat(unparsed.getString("reason")).isNotBlank();
        assertThat(records.toString()).doesNotContain("hunter2").doesNotContain("anna");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(quarantine())))
                .isEqualTo("rw-------");
        assertThat(Files.readString(quarantine())).contains(SECRET);
        assertThat(((Struct) records.get(1).value()).getString("kind")).isEqualTo("removed");
    }

    @Test
    void aLineOfAMebibyteIsCutAndNamedAndTheNextOneIsRead() throws Exception {
        // Given
        String head = "2026-11-24T10:00:00.000000+00:00 mx1 postfix/smtpd[7]: warning: ";
        String giant = head + "x".repeat((1 << 20) - head.length());
        // When
        List<SourceRecord> records = shipped((giant + "\n" + GOOD).getBytes(StandardCharsets.UTF_8), "10000000");
        // Then
        assertThat(records).hasSize(2);
        assertThat(((Struct) records.get(0).value()).get("rawLength")).isEqualTo(1L << 20);
        assertThat(((Struct) records.get(1).value()).getString("kind")).isEqualTo("removed");
        assertThat(((Struct) records.get(1).value()).get("position")).isEqualTo((1L << 20) + 1);
    }

    @Test
    void aBinaryFileStopsNothingAndItsQuarantineStaysBounded() throws Exception {
        // Given
        byte[] noise = new byte[300_000];
        new Random(11).nextBytes(noise);
        var log = new ByteArrayOutputStream();
        log.write(noise);
        log.write(("\n" + GOOD).getBytes(StandardCharsets.UTF_8));
        // When
        List<SourceRecord> records = shipped(log.toByteArray(), "50000");
        // Then
        Struct last = (Struct) records.get(records.size() - 1).value();
        assertThat(last.getString("kind")).isEqualTo("removed");
        assertThat(records.subList(0, records.size() - 1))
                .isNotEmpty()
                .allSatisfy(record ->
                        assertThat(((Struct) record.value()).getString("kind")).isEqualTo("unparsed"));
        assertThat(Files.size(quarantine())).isBetween(1L, 60_000L);
    }

    private List<SourceRecord> shipped(byte[] text, String quarantine) throws Exception {
        Path log = Files.write(dir.resolve("mail.log"), text);
        var task = new PostfixSourceTask();
        task.start(Map.of(
                "log.paths",
                log.toString(),
                "host.id",
                "mx1",
                "state.dir",
                state().toString(),
                "quarantine.max.bytes",
                quarantine));
        List<SourceRecord> all = new ArrayList<>();
        for (int empty = 0; empty < 3; ) {
            List<SourceRecord> some = task.poll();
            if (some == null || some.isEmpty()) {
                empty++;
            } else {
                all.addAll(some);
            }
        }
        task.stop();
        return all;
    }

    private Path state() {
        return dir.resolve("state");
    }

    private Path quarantine() throws Exception {
        try (Stream<Path> files = Files.walk(state())) {
            return files.filter(file -> file.getFileName().toString().contains("quarantine"))
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
