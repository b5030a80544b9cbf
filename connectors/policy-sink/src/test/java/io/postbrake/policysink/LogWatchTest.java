package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogZones;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The enforcer reads its host's logs as the shipper does: patterns, zones and rotations hold in both. */
class LogWatchTest {

    private static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");

    @TempDir
    private Path dir;

    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private LogWatch watch;

    @AfterEach
    void end() {
        watch.close();
    }

    private void watches(String pattern, String... zones) {
        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/" + pattern)),
                        new LogZones(List.of(zones)),
                        Envelopes.auto(),
                        null),
                1 << 20,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);
    }

    private void writes(String name, String... queueIds) throws IOException {
        Path log = dir.resolve(name);
        Files.createDirectories(log.getParent());
        for (String id : queueIds) {
            Files.writeString(
                    log,
                    "Jul  1 12:00:00 mx1 postfix/qmgr[71]: " + id + ": removed\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    private List<String> sees(int count) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        while (seen.size() < count) {
            MailEvent event = events.poll(30, TimeUnit.SECONDS);
            assertThat(event).as("after " + seen).isNotNull();
            seen.add(event.getQueueId());
        }
        return seen;
    }

    @Test
    void aPatternHoldsInEveryPartOfAPathAndFindsNoRotatedFileTwice() throws Exception {
        writes("a/mail.log.1", "4ABC1");
        writes("a/mail.log", "4ABC2");
        writes("b/mail.log", "4ABC3");
        writes("b/other.log", "4ABC9");

        watches("*/mail*.log");

        assertThat(sees(3)).containsExactlyInAnyOrder("4ABC1", "4ABC2", "4ABC3");
    }

    @Test
    void aStampIsReadInTheZoneOfItsLog() throws Exception {
        writes("berlin.log", "4ABC1");
        watches("*.log", "UTC", dir + "/berlin.log=Europe/Berlin");

        MailEvent event = events.poll(30, TimeUnit.SECONDS);

        assertThat(event.getOccurredAt()).isEqualTo(Instant.parse("2026-07-01T10:00:00Z"));
    }

    @Test
    void rotationsAreFollowedAndALogThatComesLaterIsRead() throws Exception {
        writes("mail.log", "4ABC1");
        watches("{mail,more}.log");
        List<String> seen = new ArrayList<>(sees(1));
        Files.move(dir.resolve("mail.log"), dir.resolve("mail.log.1"));
        writes("mail.log.1", "4ABC2");
        writes("mail.log", "4ABC3");
        writes("more.log", "4ABC4");

        seen.addAll(sees(3));

        assertThat(seen).containsExactlyInAnyOrder("4ABC1", "4ABC2", "4ABC3", "4ABC4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkfifo", "mkdir"})
    void whatWasNoFileForAWhileKeepsNobodyFromTheOthersAndIsReadAgain(String command) throws Exception {
        writes("other.log", "4ABC1");
        new ProcessBuilder(command, dir.resolve("mail.log").toString()).start().waitFor();
        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/mail.log"), new LogPattern(dir + "/other.log")),
                        new LogZones(List.of()),
                        Envelopes.auto(),
                        null),
                1 << 20,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);
        List<String> seen = new ArrayList<>(sees(1));
        Files.delete(dir.resolve("mail.log"));
        writes("mail.log", "4ABC2");
        writes("other.log", "4ABC3");

        seen.addAll(sees(2));

        assertThat(seen).containsExactlyInAnyOrder("4ABC1", "4ABC2", "4ABC3");
    }

    @Test
    void onlyTheEndOfALongLogIsRead() throws Exception {
        writes("mail.log", "4ABC1", "4ABC2", "4ABC3");
        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/mail.log")), new LogZones(List.of()), Envelopes.auto(), null),
                60,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);

        List<String> seen = sees(1);

        assertThat(seen).containsExactly("4ABC3");
    }

    @Test
    void theJournalIsReadBesideFilesAndItsEndComesFirst() throws Exception {
        Path writer = Path.of("/lib/systemd/systemd-journal-remote");
        assumeTrue(Files.isExecutable(writer), "systemd-journal-remote is missing");
        Path journal = Files.createDirectory(dir.resolve("journal"));
        var entries = new StringBuilder();
        for (String id : List.of("4ABC1", "4ABC2", "4ABC3")) {
            entries.append("__REALTIME_TIMESTAMP=1790000000000000\n_BOOT_ID=").append("8d".repeat(16));
            entries.append("\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/qmgr\nMESSAGE=")
                    .append(id);
            entries.append(": removed\n\n");
        }
        Path export = Files.writeString(dir.resolve("export"), entries);
        new ProcessBuilder(writer.toString(), "--output=" + journal.resolve("a.journal"), export.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start()
                .waitFor();
        writes("mail.log", "4ABC4");

        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/mail.log")),
                        new LogZones(List.of()),
                        Envelopes.auto(),
                        new JournalSelection(journal, List.of("SYSLOG_FACILITY=2"))),
                256,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);

        assertThat(sees(3)).containsExactlyInAnyOrder("4ABC2", "4ABC3", "4ABC4");
    }

    /** The hundred lines by which a wrapping is found by itself may be a week's. */
    @Test
    void linesInAWrappingThatIsNamedAreReadFromTheFirstOneOn() throws Exception {
        Files.writeString(
                dir.resolve("mail.log"),
                "{\"log\":\"postfix/qmgr[7]: 4ABC1: removed\\n\",\"stream\":\"stdout\","
                        + "\"time\":\"2026-11-28T09:12:41.104690137Z\"}\n");

        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/mail.log")),
                        new LogZones(List.of()),
                        Envelopes.of("docker-json"),
                        null),
                1 << 20,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);

        assertThat(sees(1)).containsExactly("4ABC1");
    }

    @Test
    void aRecordOfSeveralLinesIsReadWhole() throws Exception {
        Files.writeString(
                dir.resolve("mail.log"),
                "{\n\t\"__REALTIME_TIMESTAMP\" : \"1790000000000000\",\n\t\"SYSLOG_IDENTIFIER\" : \"postfix/qmgr\",\n"
                        + "\t\"MESSAGE\" : \"4ABC1: removed\"\n}\n");

        watch = new LogWatch(
                new HostLogs(
                        List.of(new LogPattern(dir + "/mail.log")),
                        new LogZones(List.of()),
                        Envelopes.of("journal-pretty"),
                        null),
                1 << 20,
                "mx1",
                false,
                Clock.fixed(NOW, ZoneOffset.UTC),
                events::add);

        assertThat(sees(5)).containsExactly(null, null, null, null, "4ABC1"); // The pieces say nothing.
    }
}
