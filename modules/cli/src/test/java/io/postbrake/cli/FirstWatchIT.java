package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.testkit.FreePort;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine that was set up just now tells and does not block, until its time has come or somebody says so. */
@Timeout(120)
class FirstWatchIT {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    @TempDir
    private Path dir;

    private Path yaml;
    private int queued;

    @Test
    void itBlocksNobodyBeforeItIsToldToAndEverAfter() throws Exception {
        Path log = Files.createFile(dir.resolve("mail.log"));
        yaml = Files.writeString(
                dir.resolve("up.yaml"), """
            host: mx1
            log: %s
            data: %s
            broker.port: %d
            registry.port: %d
            http.port: -1
            console: {port: -1}
            """.formatted(log, dir.resolve("data"), FreePort.next(), FreePort.next()));
        Instant before = Instant.now();
        try (LocalStack stack = LocalStack.start(LocalConfig.read(yaml), part -> {})) {
            steals(log, Instant.now().minusSeconds(60));
            until(
                    "it is told what would be done",
                    () -> newest(Topics.ALERTS).stream()
                            .anyMatch(alert -> "hold".equals(((Alert) alert).getDryRunAction())));
            assertThat(newest(Topics.BLOCKS)).isEmpty();
            Instant end = new ControlTopic(cluster()).watchedUntil(before);
            assertThat(end)
                    .isBetween(
                            before.plus(Duration.ofDays(7)).minusSeconds(1),
                            Instant.now().plus(Duration.ofDays(7)));
            assertThat(run("status")).contains("nothing is blocked before " + end);

            assertThat(run("enforce", "--from", end.toString())).contains("nothing is blocked before " + end);
            Path old = Files.createFile(dir.resolve("old.log"));
            sends(old, before.minus(Duration.ofDays(20)), Duration.ofHours(1), 49);
            run("learn", "--log", "mx1=" + old);
            assertThat(new ControlTopic(cluster()).watchedUntil(before))
                    .as("two days were learnt")
                    .isBetween(
                            end.minus(Duration.ofDays(2)).minusSeconds(1),
                            end.minus(Duration.ofDays(2)).plusSeconds(1));
            assertThat(run("enforce")).contains("put in force from now on");
            steals(log, Instant.now().plusSeconds(1));
            until("the theft is blocked", () -> !newest(Topics.BLOCKS).isEmpty());
        }
        try (LocalStack again = LocalStack.start(LocalConfig.read(yaml), part -> {})) {
            assertThat(run("status")).doesNotContain("nothing is blocked before");
        }
    }

    @Test
    void whoeverSaysSoHasItEnforceFromTheFirstStart() throws Exception {
        yaml = Files.writeString(dir.resolve("up.yaml"), """
            host: mx1
            log: %s
            data: %s
            broker.port: %d
            registry.port: %d
            http.port: -1
            console: {port: -1}
            """.formatted(
                Files.createFile(dir.resolve("mail.log")), dir.resolve("data"), FreePort.next(), FreePort.next()));
        try (LocalStack stack = LocalStack.startEnforcing(LocalConfig.read(yaml), part -> {})) {
            assertThat(new ControlTopic(cluster()).watchedUntil(Instant.now())).isNull();
        }
    }

    private ClusterOptions cluster() {
        return ClusterOptions.of(yaml, null, null);
    }

    private <V extends SpecificRecord> Collection<V> newest(Topic<V> topic) {
        try {
            return TopicReader.newest(cluster().kafka(), cluster().registry(), topic)
                    .values();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String run(String... words) {
        var out = new StringWriter();
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--config";
        all[words.length + 1] = yaml.toString();
        Main.commandLine().setOut(new PrintWriter(out)).execute(all);
        return out.toString();
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(45);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private void steals(Path log, Instant start) throws IOException {
        sends(log, start, Duration.ofSeconds(1), 60);
    }

    private void sends(Path log, Instant start, Duration pace, int messages) throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < messages; i++) {
            lines.append(
                    """
                %1$s mx1 postfix/submission/smtpd[4711]: connect from unknown[201.91.101.26]
                %1$s mx1 postfix/submission/smtpd[4711]: %2$s: client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=ann@my-domain.net
                %1$s mx1 postfix/qmgr[4713]: %2$s: from=<ann@my-domain.net>, size=2201, nrcpt=5 (queue active)
                %1$s mx1 postfix/submission/smtpd[4711]: disconnect from unknown[201.91.101.26] ehlo=1 auth=1 mail=1 rcpt=5 data=1 quit=1 commands=10
                """.formatted(STAMP.format(start.plus(pace.multipliedBy(i))), "A1%03X3834415".formatted(queued++)));
        }
        Files.writeString(log, lines, StandardOpenOption.APPEND);
    }
}
