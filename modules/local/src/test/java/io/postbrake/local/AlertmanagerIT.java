package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.postbrake.agent.Agent;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From log lines to a real Alertmanager and to the person on call. */
@Timeout(240)
class AlertmanagerIT {

    private static final String ANN = "ann@my-domain.net";
    private static final String BEN = "ben@my-domain.net";
    private static final String CLEO = "cleo@my-domain.net";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneId.of("UTC"));

    @TempDir
    private Path dir;

    private Path log;
    private Path map;
    private int sinks;
    private final Instant start = begin();

    @Test
    void incidentsAreToldOnceThroughKillsOfBothSidesAndEndWhenReleased() throws Exception {
        assumeTrue(Alertmanager.installed(), "no Alertmanager here: apt-get install prometheus-alertmanager");
        log = Files.createFile(dir.resolve("mx1.log"));
        map = dir.resolve("mx1.lmdb");
        try (var alertmanager = new Alertmanager(Files.createDirectory(dir.resolve("alertmanager")));
                LocalStack stack = LocalStack.start(config(), part -> {})) {
            alertmanager.start();
            Operator.awaits("the detector runs", stack::ready);
            try (JavaProcess sink = sink(stack, alertmanager)) {
                steals(ANN);
                Operator.awaits("the on-call person hears of it", () -> told(alertmanager, "firing") == 1);
                Operator.awaits(
                        "the account is blocked", () -> PolicyMap.read(map, ANN).isPresent());
                Operator.awaits(
                        "the alert says so",
                        () -> !annotation(alertmanager, ANN, "action_until").isEmpty());
                Duration after = Duration.between(blockedAt(stack, ANN), Instant.now());
                System.out.printf("from the block's record to Alertmanager: %d ms%n", after.toMillis());
                assertThat(after).isLessThan(Duration.ofSeconds(10));
                JsonNode first = alertmanager.alert(ANN);
                AlertingPage.holds("**FIRING**: the account went beyond its ceiling, and its mail is held.", first);
                opens(first.path("annotations").path("runbook_url").asText(), "Runbook: an account is being used");
                opens(first.path("generatorURL").asText(), "<title>Postbrake</title>");

                refuses(ANN, reference(ANN));
                Operator.awaits(
                        "the alert says where the block is in force",
                        () -> annotation(alertmanager, ANN, "hosts_confirmed").equals("mx1"));
                AlertingPage.holds("**UPDATED**: a host confirmed the block.", alertmanager.alert(ANN));

                // Whom Alertmanager told it notes on disk once a second; what it forgets is not the sink's to keep.
                alertmanager.awaitsNote();
                alertmanager.kill();
                steals(BEN);
                Operator.awaits(
                        "the second account is blocked",
                        () -> PolicyMap.read(map, BEN).isPresent());
                alertmanager.start();
                Operator.awaits(
                        "the second incident is told although Alertmanager was away",
                        () -> told(alertmanager, "firing") == 2);
                sink.kill();
            }
            Operator.unblocks(stack, ANN);
            steals(CLEO);
            Operator.awaits(
                    "the third account is blocked",
                    () -> PolicyMap.read(map, CLEO).isPresent());
            await("nobody tells while the sink is dead")
                    .during(Duration.ofSeconds(2))
                    .until(() -> alertmanager.notifications.size() == 2);
            try (JavaProcess again = sink(stack, alertmanager)) {
                Operator.awaits(
                        "what came meanwhile is told",
                        () -> told(alertmanager, "firing") == 3 && told(alertmanager, "resolved") == 1);
                AlertingPage.holds(
                        "**RESOLVED**: an operator said `unblock`; as Alertmanager's notification to a webhook had it.",
                        alertmanager.notifications.stream()
                                .filter(n -> n.status().equals("resolved"))
                                .findFirst()
                                .orElseThrow()
                                .alert());
                await("nobody hears twice of the same")
                        .during(Duration.ofSeconds(3))
                        .until(() -> alertmanager.notifications.size() == 4);
                again.kill();
            }
            assertThat(alertmanager.notifications)
                    .as("nobody hears twice of the same")
                    .extracting(Alertmanager.Notification::status)
                    .containsExactlyInAnyOrder("firing", "firing", "firing", "resolved");
            assertThat(incidents(alertmanager, "firing")).doesNotHaveDuplicates();
            assertThat(incidents(alertmanager, "resolved"))
                    .containsExactly(alertmanager.notifications.get(0).incident());
        }
    }

    private static List<String> incidents(Alertmanager alertmanager, String status) {
        return alertmanager.notifications.stream()
                .filter(n -> n.status().equals(status))
                .map(Alertmanager.Notification::incident)
                .toList();
    }

    /** Always at the same place of an hour, so that what is seen is the same: what is usual is counted by the clock. */
    private static Instant begin() {
        Instant latest = Instant.now().minusSeconds(360);
        Instant start = latest.truncatedTo(ChronoUnit.HOURS).minus(Duration.ofMinutes(20));
        while (!start.plus(Duration.ofMinutes(30)).isAfter(latest)) {
            start = start.plus(Duration.ofMinutes(30));
        }
        return start;
    }

    private LocalConfig config() {
        return new LocalConfig(
                List.of(new LocalConfig.Host("mx1", log, map)),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                ConsoleConfig.local(0),
                List.of(),
                DetectionConfig.defaults(),
                Map.of());
    }

    /** The sink in a process of its own, so that it can be killed; it has read the topic. */
    private JavaProcess sink(LocalStack stack, Alertmanager alertmanager) throws Exception {
        Path said = dir.resolve("sink" + ++sinks + ".log");
        Path yaml = Files.writeString(dir.resolve("sink.yaml"), """
            host.id: alert-sink
            client.file: %s
            state.dir: %s
            alerts:
              alertmanager.urls: ["%s"]
              alertmanager.resend.ms: 1000
              alerts.console.url: "http://127.0.0.1:%d/"
              http.backoff.max.ms: 1000
              errors.deadletterqueue.topic.replication.factor: 1
            http.port: -1
            """.formatted(
                        stack.clientFile(), dir.resolve("sink"), alertmanager.url(), stack.consolePort()));
        JavaProcess sink = JavaProcess.start(said, Agent.class, "--config", yaml.toString());
        Operator.awaits("the sink has read what is open", () -> contains(said, " open incidents"));
        return sink;
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            return false; // It is not there yet.
        }
    }

    /** Whoever is on call clicks. */
    private static void opens(String url, String text) throws Exception {
        var page = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).as(url).isEqualTo(200);
        assertThat(page.body()).contains(text);
    }

    private static long told(Alertmanager alertmanager, String status) {
        return alertmanager.notifications.stream()
                .filter(n -> n.status().equals(status))
                .count();
    }

    private static String annotation(Alertmanager alertmanager, String subject, String name) {
        try {
            return alertmanager.alert(subject).path("annotations").path(name).asText();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant blockedAt(LocalStack stack, String account) {
        Map<String, Object> settings = new HashMap<>(stack.access().kafka());
        settings.put("isolation.level", "read_committed");
        var partition = new TopicPartition(Topics.BLOCKS.name(), 0);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    if (record.key().endsWith(account)) {
                        return Instant.ofEpochMilli(record.timestamp());
                    }
                }
            }
        }
        throw new AssertionError("no block of " + account);
    }

    private String reference(String account) throws InterruptedException {
        Operator.awaits(
                "the account is blocked", () -> PolicyMap.read(map, account).isPresent());
        String entry = PolicyMap.read(map, account).orElseThrow();
        return entry.substring(entry.indexOf("[pb:"), entry.indexOf(']') + 1);
    }

    private void steals(String account) throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            String head = STAMP.format(start.plusSeconds(6L * i)) + " mx postfix/";
            String id =
                    "A" + (1000 + i) + Integer.toHexString(account.hashCode()).toUpperCase(java.util.Locale.ROOT);
            lines.append(head)
                    .append("submission/smtpd[12]: ")
                    .append(id)
                    .append(": client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=")
                    .append(account)
                    .append('\n');
            lines.append(head)
                    .append("qmgr[13]: ")
                    .append(id)
                    .append(": from=<a@b.example>, size=18836, nrcpt=1 (queue active)\n");
        }
        append(lines.toString());
    }

    private void refuses(String account, String reference) throws IOException {
        append(STAMP.format(Instant.now()) + " mx postfix/submission/smtpd[12]: NOQUEUE: reject: RCPT from"
                + " unknown[201.91.101.26]: 554 5.7.1 <" + account + ">: SASL login name rejected: blocked " + reference
                + "; from=<a@b.example> to=<r@example.com> proto=ESMTP helo=<x> sasl_username=<" + account + ">\n");
    }

    private void append(String lines) throws IOException {
        Files.writeString(log, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }
}
