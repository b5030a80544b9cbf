package io.postbrake.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.Journald;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of a log, as its last lines and its time are. */
class LogCheckTest {

    private static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");
    private static final String POSTFIX = "%s mx1 postfix/smtpd[12]: connect from unknown[192.0.2.7]\n";

    @TempDir
    private Path dir;

    @Test
    void aLogThatIsWrittenAndUnderstoodIsWell() throws IOException {
        Path log = log(POSTFIX.formatted("2026-12-01T09:59:30Z"), "2026-12-01T09:59:30Z");

        assertThat(of(log))
                .containsExactly(
                        Symptom.ok(
                                "log",
                                log + ": of its last 1 lines of Postfix 1 are understood, the newest is 30 s old"),
                        Symptom.ok("zone", log + ": stamps fit UTC"));
    }

    /** A container writes UTC beside a system that does not, or the other way round. */
    @Test
    void stampsOfAnotherZoneNameTheOneThatFits() throws IOException {
        Path log = log(POSTFIX.formatted("Dec  1 10:59:30"), "2026-12-01T09:59:30Z");

        assertThat(of(log)).last().satisfies(zone -> {
            assertThat(zone.state()).isEqualTo(Symptom.State.FAIL);
            assertThat(zone.seen()).contains("read as UTC, is 1 h 0 min after the file was written");
            assertThat(zone.then()).isEqualTo("source: {log.zone: +01:00} would fit");
        });
    }

    @Test
    void aClockThatIsWrongIsNoZone() throws IOException {
        Path log = log(POSTFIX.formatted("2026-12-01T09:52:00Z"), "2026-12-01T09:59:30Z");

        assertThat(of(log)).last().satisfies(zone -> {
            assertThat(zone.state()).isEqualTo(Symptom.State.WARN);
            assertThat(zone.then()).contains("look at the clock");
        });
    }

    @Test
    void aLogThatFellSilentIsWorthALook() throws IOException {
        Path log = log(POSTFIX.formatted("2026-12-01T04:59:30Z"), "2026-12-01T04:59:30Z");

        assertThat(of(log)).first().satisfies(said -> {
            assertThat(said.state()).isEqualTo(Symptom.State.WARN);
            assertThat(said.seen()).contains("the newest line of Postfix is 5 h 0 min old");
        });
    }

    @Test
    void anotherProgramsLogIsNone() throws IOException {
        Path log = log("2026-12-01T09:59:30Z mx1 cron[3]: (root) CMD (true)\n".repeat(5), "2026-12-01T09:59:30Z");

        assertThat(of(log)).first().satisfies(said -> {
            assertThat(said.state()).isEqualTo(Symptom.State.FAIL);
            assertThat(said.seen()).contains("of its last 5 lines none is Postfix's");
            assertThat(said.then()).contains("postconf -h maillog_file");
        });
    }

    /** A collector wrapped them in a way that nobody here knows. */
    @Test
    void linesThatNamePostfixAndAreNotUnderstoodNameTheCommandThatShowsThem() throws IOException {
        String wrapped = "<<host=mx1>> {postfix/smtpd[12]: connect from unknown[192.0.2.7]}\n";
        Path log = log(wrapped.repeat(30), "2026-12-01T09:59:30Z");

        assertThat(of(log)).first().satisfies(said -> {
            assertThat(said.state()).isEqualTo(Symptom.State.FAIL);
            assertThat(said.seen()).contains("of its last 30 lines of Postfix 30 are not understood");
            assertThat(said.then()).contains("postbrake parse --stats " + log, "source.log.envelopes");
        });
    }

    @Test
    void theJournalTellsHowOldItsNewestLineIs() throws Exception {
        var missing = Journald.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no journald here: " + missing.orElseThrow());
        try (Journald journald = Journald.start(dir)) {
            Installation journal = reading("journal:" + journald.directory());
            assertThat(LogCheck.of(journal, Instant.now()))
                    .singleElement()
                    .satisfies(is -> assertThat(is.seen()).contains("has no line of Postfix"));

            journald.run(
                    "/usr/bin/logger",
                    "--priority=mail.info",
                    "--tag=postfix/smtpd",
                    "--id=12",
                    "connect from unknown[192.0.2.7]");

            // journald writes it down when it gets to it.
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            List<Symptom> said = LogCheck.of(journal, Instant.now());
            while (said.get(0).state() != Symptom.State.OK && System.nanoTime() < until) {
                Thread.sleep(100);
                said = LogCheck.of(journal, Instant.now());
            }
            assertThat(said).singleElement().satisfies(is -> {
                assertThat(is.state()).isEqualTo(Symptom.State.OK);
                assertThat(is.seen()).containsPattern("newest line of Postfix is \\d+ s old");
            });
        }
    }

    @Test
    void aLogThatIsNotThereSaysWhereToLook() {
        assertThat(of(dir.resolve("mail.log")))
                .singleElement()
                .satisfies(said -> assertThat(said.then()).contains("log: journal"));
    }

    @Test
    void whatWasJustRotatedIsNoFailure() throws IOException {
        assertThat(of(log("", "2026-12-01T09:59:30Z")))
                .singleElement()
                .satisfies(said -> assertThat(said.state()).isEqualTo(Symptom.State.WARN));
    }

    /** A log may be larger than what is looked at, and its piece begins in the middle of a line. */
    @Test
    void onlyTheEndOfALargeLogIsRead() throws IOException {
        Path log = log(
                "no Postfix\n".repeat(100_000)
                        + POSTFIX.formatted("2026-12-01T09:59:30Z").repeat(20_000),
                "2026-12-01T09:59:30Z");

        assertThat(of(log)).first().satisfies(said -> assertThat(said.state()).isEqualTo(Symptom.State.OK));
    }

    private Path log(String text, String written) throws IOException {
        Path log = Files.writeString(dir.resolve("mail.log"), text);
        Files.setLastModifiedTime(log, FileTime.from(Instant.parse(written)));
        return log;
    }

    private List<Symptom> of(Path log) {
        return LogCheck.of(reading(log.toString()), NOW);
    }

    private Installation reading(String log) {
        return new Installation(
                "up",
                "postbrake",
                List.of(log),
                List.of("UTC"),
                null,
                Path.of("/etc/postfix"),
                dir,
                0,
                Map.of(),
                List.of(),
                List.of());
    }
}
