package io.postbrake.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

    private static final Year Y2026 = Year.of(2026);

    @TempDir
    private Path dir;

    private final List<MailEvent> events = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final List<String> lifted = new ArrayList<>();
    private final ReplayListener notes = new ReplayListener() {
        @Override
        public void event(MailEvent event) {
            events.add(event);
        }

        @Override
        public void block(Instant at, Block block, String detector) {
            blocks.add(block);
        }

        @Override
        public void lift(Instant at, String subjectKey) {
            lifted.add(at + " " + subjectKey);
        }
    };

    @Test
    void hostsAreMergedInOrderOfTimeWhateverTheirZones() throws IOException {
        LogSource utc = log(
                ZoneOffset.UTC,
                "May  9 20:00:00 a postfix/smtpd[1]: connect from x[192.0.2.1]",
                "May  9 20:00:02 a postfix/smtpd[1]: connect from x[192.0.2.3]");
        LogSource berlin =
                log(ZoneId.of("Europe/Berlin"), "May  9 22:00:01 b postfix/smtpd[1]: connect from x[192.0.2.2]");

        Replay.builder().host("a", utc).host("b", berlin).listener(notes).run();

        assertThat(events).extracting(MailEvent::getClientIp).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void rotatedFilesOfAHostAreReadInTheOrderInWhichTheyWereWritten() throws IOException {
        Path older = dir.resolve("mail.log.1.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(older))) {
            out.write(
                    "Dec 31 23:59:59 a postfix/smtpd[1]: connect from x[192.0.2.1]\n".getBytes(StandardCharsets.UTF_8));
        }
        Path newer = Files.writeString(
                dir.resolve("mail.log"), "Jan  1 00:00:01 a postfix/smtpd[1]: connect from x[192.0.2.2]\n");

        Replay.builder()
                .host("a", LogSource.file(newer, ZoneOffset.UTC, Year.of(2026)))
                .host("a", LogSource.file(older, ZoneOffset.UTC, Year.of(2025)))
                .listener(notes)
                .run();

        assertThat(events)
                .extracting(MailEvent::getOccurredAt)
                .containsExactly(Instant.parse("2025-12-31T23:59:59Z"), Instant.parse("2026-01-01T00:00:01Z"));
    }

    @Test
    void aStampFarAheadOfTheLinesAroundItTakesTheTimeBefore() throws IOException {
        LogSource log = log(
                ZoneOffset.UTC,
                "May  9 20:00:00 a postfix/smtpd[1]: connect from x[192.0.2.1]",
                "Aug  9 20:00:00 a postfix/smtpd[1]: connect from x[192.0.2.2]",
                "May  9 20:00:01 a postfix/smtpd[1]: connect from x[192.0.2.3]");

        ReplaySummary summary = Replay.builder().host("a", log).listener(notes).run();

        assertThat(events.get(1).getOccurredAt()).isEqualTo(Instant.parse("2026-05-09T20:00:00Z"));
        assertThat(summary.clamped()).isEqualTo(1);
    }

    @Test
    void aThiefIsBlockedAndReleasedByTheTimeOfLaterLines() {
        List<HostLine> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String stamp = "May  9 20:%02d:%02d mx1 postfix/".formatted(i / 10, i % 10 * 6);
            String id = "A%09X".formatted(i);
            lines.add(HostLine.of(
                    "mx1",
                    stamp + "smtpd[7]: " + id
                            + ": client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=user@my-domain.net"));
            lines.add(HostLine.of(
                    "mx1",
                    stamp + "qmgr[8]: " + id + ": from=<user@my-domain.net>, size=18836, nrcpt=1 (queue active)"));
        }
        lines.add(HostLine.of("mx1", "May 20 20:00:00 mx1 postfix/smtpd[7]: connect from x[192.0.2.1]"));

        ReplaySummary summary = Replay.builder().listener(notes).run(lines.iterator(), ZoneOffset.UTC, Y2026);

        assertThat(blocks.get(0).getSubject()).isEqualTo("user@my-domain.net");
        assertThat(blocks.get(0).getDecidedAt()).isBefore(Instant.parse("2026-05-09T20:05:55Z"));
        assertThat(lifted).hasSize(1);
        Instant end = blocks.get(blocks.size() - 1).getEndsAt();
        assertThat(Instant.parse(lifted.get(0).split(" ")[0])).isBetween(end, end.plusSeconds(1));
        assertThat(summary.lines()).isEqualTo(121);
    }

    @Test
    void aLineThatIsLongerThanAnyLineMayBeIsCutAndTheNextOneIsRead() throws IOException {
        LogSource log = log(
                ZoneOffset.UTC,
                "May  9 20:00:00 a postfix/smtpd[1]: " + "x".repeat(300_000),
                "May  9 20:00:01 a postfix/smtpd[1]: connect from x[192.0.2.3]");

        Replay.builder().host("a", log).listener(notes).run();

        assertThat(events).hasSize(2);
        assertThat(events.get(1).getClientIp()).isEqualTo("192.0.2.3");
    }

    private static LogSource log(ZoneId zone, String... lines) {
        byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        return LogSource.stream(
                "log", new ByteArrayInputStream(bytes), zone, Y2026, Instant.parse("2026-06-01T00:00:00Z"));
    }
}
