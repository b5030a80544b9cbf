package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReplayCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aThiefOverTwoHostsIsReportedInOrderOfDecision() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path mx2 = zipped("mx2.log.gz", theft(1));

        int status = run(
                "replay",
                "--log",
                "mx1=" + mx1 + ",zone=+02:00,year=2026",
                "--log",
                "mx2=" + mx2 + ",year=2026,zone=+02:00");

        assertThat(status).as(err.toString()).isZero();
        List<JsonNode> records = records();
        assertThat(records)
                .extracting(r -> Instant.parse(r.get("time").asText()))
                .isSorted();
        JsonNode block = records.stream()
                .filter(r -> r.get("type").asText().equals("block"))
                .findFirst()
                .orElseThrow();
        assertThat(block.fieldNames())
                .toIterable()
                .containsExactly(
                        "time",
                        "type",
                        "subject_type",
                        "subject",
                        "detector",
                        "severity",
                        "expires",
                        "score",
                        "evidence");
        assertThat(block.get("subject_type").asText()).isEqualTo("sasl_user");
        assertThat(block.get("subject").asText()).isEqualTo("user@my-domain.net");
        assertThat(Instant.parse(block.get("time").asText()))
                .isBetween(Instant.parse("2026-05-09T20:00:00Z"), Instant.parse("2026-05-09T20:10:00Z"));
        assertThat(Instant.parse(block.get("expires").asText()))
                .isAfter(Instant.parse(block.get("time").asText()));
        assertThat(block.get("evidence").findValuesAsText("host"))
                .isSubsetOf("mx1", "mx2")
                .isNotEmpty();
    }

    @Test
    void theSameLogsGiveTheSameBytes() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path one = dir.resolve("one.jsonl");
        Path two = dir.resolve("two.jsonl");

        run("replay", "--log", "mx1=" + mx1 + ",year=2026,zone=Z", "--out", one.toString());
        run("replay", "--log", "mx1=" + mx1 + ",year=2026,zone=Z", "--out", two.toString());

        assertThat(Files.readString(one)).isNotEmpty().isEqualTo(Files.readString(two));
    }

    @Test
    void comparisonShowsWhatAHigherCeilingWouldLetPass() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path a = Files.writeString(dir.resolve("a.yaml"), "# as it is\n");
        Path b = Files.writeString(dir.resolve("b.yaml"), "risk: {hold: 0.9999, defer: 0.99995, reject: 0.99999}\n");

        int status = run("replay", "--log", "mx1=" + mx1 + ",year=2026", "--compare", a.toString(), b.toString());

        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).containsPattern("(?m)^subjects blocked +1 +0 *$");
        assertThat(out.toString()).containsPattern("sasl_user user@my-domain.net +\\w+ since .* +1 alert");
    }

    @Test
    void aWrongSettingIsRefusedWithKeyValueAndWhatWouldBeRight() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path bad = Files.writeString(dir.resolve("bad.yaml"), "detection:\n  risk:\n    hold: lots\n");

        int status = run("replay", "--log", "mx1=" + mx1 + ",year=2026", "--config", bad.toString());

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains("bad.yaml", "risk.hold", "'lots'", "a number such as 0.5");
    }

    @Test
    void aLogThatIsNoneIsRefused() {
        int status = run("replay", "--log", "/var/log/mail.log,zone=nowhere");

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains("zone is 'nowhere'", "+02:00");
    }

    @Test
    void whatIsNoTimeIsRefused() throws Exception {
        Path mx1 = log("mx1.log", theft(0));

        int status = run("replay", "--log", "mx1=" + mx1, "--from", "yesterday");

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains("--from", "'yesterday' is no time", "2026-05-09T22:00:00Z");
    }

    @Test
    void anEarlierResultStaysWhenTheCallIsWrong() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path result = Files.writeString(dir.resolve("result.jsonl"), "earlier");
        Path bad = Files.writeString(dir.resolve("bad.yaml"), "risk: {hold: lots}\n");

        for (String[] wrong : new String[][] {
            {"mx1=" + mx1, "--config", bad.toString()},
            {"mx1=" + dir.resolve("missing.log")},
            {"mx1=" + mx1, "--geo", dir.resolve("missing.mmdb").toString()}
        }) {
            List<String> words = new ArrayList<>(List.of("replay", "--out", result.toString(), "--log"));
            words.addAll(List.of(wrong));
            assertThat(run(words.toArray(String[]::new))).isPositive();
        }

        assertThat(result).hasContent("earlier");
        assertThat(err.toString()).contains("'lots'", "missing.log' cannot be read", "missing.mmdb' cannot be used");
    }

    @Test
    void aGeoFileThatSaysNothingIsRefusedAtTheStart() throws Exception {
        Path mx1 = log("mx1.log", theft(0));
        Path voids = dir.resolve("anonymous.mmdb");
        MmdbWriter.write(voids, "GeoIP2-Anonymous-IP", Map.of("198.51.100.0/24", Map.of("is_anonymous_vpn", true)));

        int status = run("replay", "--log", "mx1=" + mx1, "--geo", voids.toString());

        assertThat(status).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .contains("anonymous.mmdb' cannot be used", "'GeoIP2-Anonymous-IP'", "is_anonymous_vpn");
    }

    @Test
    void aLogThatBreaksOffIsNamed() throws Exception {
        byte[] whole = Files.readAllBytes(zipped("whole.gz", theft(0)));
        Path cut = Files.write(dir.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2));

        int status = run("replay", "--log", "mx1=" + cut + ",year=2026");

        assertThat(status).isEqualTo(1);
        assertThat(err.toString()).contains("cut.gz' cannot be read to its end");
    }

    @Test
    void whatIsNoLogIsSaid() throws Exception {
        Path mx1 = log("mx1.log", List.of("Dear diary,", "nothing happened."));

        int replayed = run("replay", "--log", "mx1=" + mx1);
        int taught = run("learn", "--log", "mx1=" + mx1);

        assertThat(err.toString())
                .contains("2 lines, and none of them could be read as Postfix's (0 are other programs')");
        assertThat(replayed).isEqualTo(1);
        assertThat(taught).isEqualTo(2);
    }

    @Test
    void aLogOfOtherProgramsIsNone() throws Exception {
        Path mx1 = log(
                "mx1.log", List.of("May  9 22:12:21 mx cron[3]: hello", "May  9 22:12:22 mx sshd[4]: postfix is away"));

        int replayed = run("replay", "--log", "mx1=" + mx1 + ",year=2026");

        assertThat(replayed).isEqualTo(1);
        assertThat(err.toString()).contains("(2 are other programs')");
    }

    @Test
    void oneLineOfPostfixIsEnough() throws Exception {
        Path mx1 = log(
                "mx1.log",
                List.of("Dear diary,", "May  9 22:12:22 mx postfix/smtpd[4]: connect from unknown[192.0.2.1]"));

        int replayed = run("replay", "--log", "mx1=" + mx1 + ",year=2026");

        assertThat(replayed).as(err.toString()).isZero();
    }

    @Test
    void nothingIsSaidOfDryRunsWhereThereAreNone() throws Exception {
        Path mx1 = log("mx1.log", theft(0));

        run("replay", "--log", "mx1=" + mx1 + ",year=2026", "--format", "text");

        assertThat(out.toString()).contains("hold").doesNotContain("dry run");
    }

    @Test
    void textHasNoControlSequenceOfAnAttacker() throws Exception {
        Path mx1 = log(
                "mx1.log",
                theft(0).stream()
                        .map(l -> l.replace("user@my-domain.net", "us\u001b[2Jer@my-domain.net"))
                        .toList());

        run("replay", "--log", "mx1=" + mx1 + ",year=2026", "--format", "text");

        assertThat(out.toString()).contains("us?[2jer@my-domain.net").doesNotContain("\u001b");
    }

    /** A message each six seconds, on this host every second of them. */
    private static List<String> theft(int host) {
        List<String> lines = new ArrayList<>();
        for (int i = host; i < 120; i += 2) {
            String stamp = "May  9 22:%02d:%02d mx postfix/".formatted(i / 10, i % 10 * 6);
            String id = "%c%09X".formatted('A' + host, i);
            lines.add(stamp + "smtpd[7]: " + id
                    + ": client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=user@my-domain.net");
            lines.add(stamp + "qmgr[8]: " + id + ": from=<user@my-domain.net>, size=18836, nrcpt=1 (queue active)");
        }
        return lines;
    }

    private Path log(String name, List<String> lines) throws IOException {
        return Files.write(dir.resolve(name), lines);
    }

    private Path zipped(String name, List<String> lines) throws IOException {
        Path file = dir.resolve(name);
        try (OutputStream zip = new GZIPOutputStream(Files.newOutputStream(file))) {
            zip.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private List<JsonNode> records() throws IOException {
        List<JsonNode> records = new ArrayList<>();
        for (String line : out.toString().split("\n")) {
            records.add(JSON.readTree(line));
        }
        return records;
    }

    private int run(String... args) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
