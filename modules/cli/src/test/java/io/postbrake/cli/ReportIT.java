package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.Maildir;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Reports of logs, and of what a running {@code up} was shipped. */
@Timeout(120)
class ReportIT {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void logsAreReportedOfOnPaperOfTheOwnerAlone() throws Exception {
        Path log = theft(dir.resolve("mail.log"));
        Path page = dir.resolve("report.html");

        int exit = run("report", "--log", "mx1=" + log, "--zone", "UTC", "--format", "html", "--out", page.toString());

        assertThat(exit).as(err.toString()).isZero();
        assertThat(Files.readString(page)).contains("ann@my-domain.net", "1 network");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(page)))
                .isEqualTo("rw-------");
        assertThat(run("report", "--log", "mx1=" + log, "--zone", "Mars")).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(err.toString()).contains("--zone is 'Mars'");
        assertThat(run("report", "--log", "mx1=" + log, "--since", "1m")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("nothing was read of the time since");
    }

    @Test
    void whatUpWasShippedIsReportedOfAndMailed() throws Exception {
        assumeTrue(PostfixHost.missing().isEmpty(), () -> PostfixHost.missing().orElseThrow());
        Path log = theft(dir.resolve("mail.log"));
        try (PostfixHost postfix = PostfixHost.create("relay")) {
            Maildir mailboxes = Maildir.of(postfix, "my-domain.net", "postmaster");
            postfix.start();
            Path yaml = Files.writeString(dir.resolve("up.yaml"), """
                host: mx1
                log: %s
                data: %s
                broker.port: %d
                registry.port: %d
                http.port: -1
                console: {port: -1}
                receivers:
                  weekly: {mail.to: postmaster@my-domain.net, mail.port: %d, alerts.subject.types: [fleet]}
                """.formatted(
                            log, dir.resolve("data"), FreePort.next(), FreePort.next(), postfix.port()));
            try (LocalStack stack = LocalStack.start(LocalConfig.read(yaml), part -> {})) {
                until(() -> !TopicReader.newest(
                                new HashMap<>(stack.access().kafka()),
                                ConfluentSchemaRegistry.connect(
                                        stack.access().registryUrl(),
                                        stack.access().registry()),
                                Topics.ALERTS)
                        .isEmpty());

                assertThat(run("report", "--config", yaml.toString(), "--since", "1d", "--format", "json"))
                        .as(err.toString())
                        .isZero();
                JsonNode report = new ObjectMapper().readTree(out.toString());
                assertThat(run("report", "--config", yaml.toString(), "--mail", "weekly"))
                        .as(err.toString())
                        .isZero();
                until(() -> !mailboxes.messages("postmaster").isEmpty());

                assertThat(report.at("/sum/messages").asInt()).isEqualTo(60);
                assertThat(report.at("/stops/0/subject").asText()).isEqualTo("ann@my-domain.net");
                assertThat(report.at("/stops/0/messages").asInt()).isPositive();
                assertThat(report.at("/sum/limits/refused").asInt()).isEqualTo(10);
                assertThat(mailboxes.messages("postmaster").get(0))
                        .contains("Subject: [Postbrake] report: 1 of 1 accounts would have been blocked\n")
                        .contains("What would have been blocked, and why");
                assertThat(run("report", "--config", yaml.toString(), "--mail", "daily"))
                        .isEqualTo(ExitCodes.WRONG_CALL);
                assertThat(err.toString()).contains("has no such receiver with mail.to");
            }
        }
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments);
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Sixty messages within four minutes, half an hour ago. */
    private static Path theft(Path log) throws Exception {
        var lines = new StringBuilder();
        Instant start = Instant.now().minusSeconds(1800);
        for (int i = 0; i < 60; i++) {
            lines.append("""
                %1$s mx1 postfix/submission/smtpd[4711]: connect from unknown[201.91.101.26]
                %1$s mx1 postfix/submission/smtpd[4711]: %2$s: client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=ann@my-domain.net
                %1$s mx1 postfix/qmgr[4713]: %2$s: from=<ann@my-domain.net>, size=2201, nrcpt=5 (queue active)
                %1$s mx1 postfix/submission/smtpd[4711]: disconnect from unknown[201.91.101.26] ehlo=1 auth=1 mail=1 rcpt=5 data=1 quit=1 commands=10
                """.formatted(STAMP.format(start.plusSeconds(4L * i)), "A1%03X3834415".formatted(i)));
        }
        return Files.writeString(log, lines);
    }
}
