package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ParseCommandTest {

    private static final String CLIENT =
            "May  9 22:12:21 mx postfix/submission/smtpd[7]: 4B35D0A1: client=x[192.0.2.1]:5012,"
                    + " sasl_method=PLAIN, sasl_username=ann@my-domain.net";

    @TempDir
    private Path dir;

    @Test
    void aLineIsOneObjectWithTheEventsFields() throws IOException {
        JsonNode event = parsed(file(CLIENT + "\n")).get(0);

        assertThat(event.toString())
                .isEqualTo("{\"line\":1,\"kind\":\"client\",\"time\":\"2026-05-09T22:12:21Z\",\"host\":\"mx\","
                        + "\"syslogName\":\"postfix/submission/smtpd\",\"service\":\"smtpd\",\"pid\":7,\"queueId\":\"4B35D0A1\","
                        + "\"clientName\":\"x\",\"clientIp\":\"192.0.2.1\",\"clientPort\":5012,"
                        + "\"saslMethod\":\"PLAIN\",\"saslUsername\":\"ann@my-domain.net\"}");
    }

    @Test
    void noLineIsLostWhateverItIs() throws IOException {
        List<JsonNode> events = parsed(file("\n\0\u0001\u00ff\r\n" + "x".repeat(3_000_000) + "\n" + CLIENT + "\r\n"
                + "May  9 22:12:21 mx cron[3]: hello\nno end"));

        assertThat(events).extracting(e -> e.get("line").asInt()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(events)
                .extracting(e -> e.get("kind").asText())
                .containsExactly("not_postfix", "not_postfix", "not_postfix", "client", "not_postfix", "not_postfix");
    }

    @Test
    void aStampAheadOfTodayStaysAndLettersStayWhateverTheLocale() throws IOException {
        String told = run(
                "--zone",
                "Z",
                file("2999-01-02T03:04:05.678901+01:00 mx postfix/qmgr[1]: 4B35D0A1: from=<j\u00c3\u00bcrgen@x>,"
                                + " size=12, nrcpt=2 (queue active)\n")
                        .toString());

        JsonNode event = new ObjectMapper().readTree(told);
        assertThat(event.get("time").asText()).isEqualTo("2999-01-02T02:04:05.678Z");
        assertThat(event.get("from").asText()).isEqualTo("j\u00fcrgen@x");
        assertThat(event.get("size").isNumber()).isTrue();
        assertThat(told).isASCII();
    }

    @Test
    void aJournalsRecordCountsByWhoWroteItAndNoMore() throws IOException {
        String record = "{\"__REALTIME_TIMESTAMP\":\"1795857161104512\",\"_UID\":\"%d\",\"SYSLOG_PID\":\"7\","
                + "\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\",\"MESSAGE\":\"connect from x[192.0.2.66]\"}\n";
        String log = file(record.formatted(104) + record.formatted(1001)).toString();

        assertThat(run(log)).contains("\"line\":1,\"kind\":\"connect\"", "\"line\":2,\"kind\":\"not_postfix\"");
        assertThat(run("--journal-uids", "0,1001", log))
                .contains("\"line\":1,\"kind\":\"not_postfix\"", "\"line\":2,\"kind\":\"connect\"");
    }

    @Test
    void severalFilesAreReadInOrderAndCountedOn() throws IOException {
        Path first = file(CLIENT + "\n" + CLIENT);
        Path second = Files.writeString(dir.resolve("mail.log.1"), CLIENT.replace("May  9", "Dec 31") + "\n");

        String told = run("--year", "2026", "--zone", "Z", first.toString(), second.toString());

        assertThat(told.lines())
                .hasSize(3)
                .last()
                .asString()
                .startsWith("{\"line\":3,")
                .contains("2026-12-31T");
    }

    @Test
    void aZippedLogIsReadToo() throws IOException {
        Path file = dir.resolve("mail.log.2.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write((CLIENT + "\n").getBytes(StandardCharsets.UTF_8));
        }

        assertThat(parsed(file)).extracting(e -> e.get("kind").asText()).containsExactly("client");
    }

    @Test
    void statsCountKindsAndNameUnknownShapes() throws IOException {
        String odd = "May  9 22:12:2%d mx postfix/smtpd[7]: warning: frobnicator %d is out of order\n";

        String told = run(
                "--stats",
                "--year",
                "2026",
                "--zone",
                "Z",
                file(CLIENT + "\n" + odd.formatted(2, 7) + odd.formatted(3, 8)).toString());

        assertThat(told).containsPattern("client +1\n").containsPattern("other +2\n");
        assertThat(told).containsPattern("unknown shape +2  postfix/smtpd: warning: frobnicator N is out of order\n");
        assertThat(told).containsPattern("3 lines, \\d+ lines a second");
    }

    @ParameterizedTest
    @CsvSource({
        "Dear diary, 1",
        "May  9 22:12:21 mx cron[3]: hello, 1",
        "May  9 22:12:21 mx postfix/smtpd[3]: connect from unknown[192.0.2.1], 0",
        "May  9 22:12:21 mx postfix/smtpd[3]: a text that no version has, 0",
        "'', 0",
    })
    void aFileOfWhichNothingIsUnderstoodIsAnError(String line, int expected) throws IOException {
        var err = new StringWriter();
        Path log = file(line.isEmpty() ? "" : line + "\n");

        int status = new CommandLine(new ParseCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err))
                .execute("--stats", log.toString());

        assertThat(status).isEqualTo(expected);
        assertThat(err.toString().isEmpty()).isEqualTo(expected == 0);
    }

    private Path file(String text) throws IOException {
        return Files.write(dir.resolve("mail.log"), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static List<JsonNode> parsed(Path file) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line :
                run("--year", "2026", "--zone", "Z", file.toString()).lines().toList()) {
            events.add(new ObjectMapper().readTree(line));
        }
        return events;
    }

    private static String run(String... args) {
        var out = new StringWriter();
        int status =
                new CommandLine(new ParseCommand()).setOut(new PrintWriter(out)).execute(args);
        assertThat(status).isZero();
        return out.toString();
    }
}
