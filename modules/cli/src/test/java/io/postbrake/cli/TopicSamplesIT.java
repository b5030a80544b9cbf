package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.policyserver.PolicyServerConfig;
import io.postbrake.settings.Settings;
import io.postbrake.testkit.MmdbWriter;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the pages of {@code docs/topics} show is what is on the topics: the incident of the seed, grown to 60 messages, goes
 * through everything, and one record of each topic is held against its page. {@code -Dsamples=true} writes the records into the
 * pages.
 */
@Timeout(240)
class TopicSamplesIT {

    private static final String THIEF = "user@my-domain.net";

    @TempDir
    private Path dir;

    private LocalStack stack;
    private Path log;

    @Test
    void thePagesShowWhatIsOnTheTopics() throws Exception {
        log = Files.createFile(dir.resolve("mx1.log"));
        try (LocalStack started = LocalStack.start(config(), part -> {})) {
            stack = started;
            awaits("the detector runs", stack::ready);
            learns();
            steals();
            JsonNode block = awaits(Topics.BLOCKS, value -> value.path("action").isTextual());
            refuses(block.path("value").path("reference").asText());
            JsonNode confirmed = awaits(
                    Topics.ENFORCEMENT, report -> report.path("refusedAt").isTextual());
            JsonNode alert =
                    awaits(Topics.ALERTS, value -> !value.path("confirmedHosts").isEmpty());
            run("unblock", THIEF, "--reason", "password changed, sessions ended");
            run("allow", "@example.org", "--for", "P7D", "--reason", "moving to new servers");
            breaks();

            sends();
            page(Topics.QUOTAS, counts -> counts.path("subject").asText().equals("login:ann@example.org"));
            page(Topics.MAIL_EVENTS, event -> event.path("kind").asText().equals("client"));
            page(
                    Topics.MAIL_SUBMISSIONS,
                    submission -> submission.path("phase").asText().equals("ACCEPTED"));
            page(Topics.FINDINGS, finding -> finding.path("detector").asText().equals("velocity-ceiling"));
            holds(Topics.ALERTS.name(), alert);
            holds(Topics.BLOCKS.name(), block);
            holds(Topics.ENFORCEMENT.name(), confirmed);
            page(Topics.OVERRIDES, word -> word.path("verb").asText().equals("unblock"));
            page(Topics.CONTROL, control -> !control.path("allow").isEmpty());
            profile();
            deadLetter();
            for (Topic<?> topic : Topics.all()) {
                thePagesCommandsPrintRecords(topic.name());
            }
            thePagesCommandsPrintRecords(Topics.DEAD_LETTER);
        }
    }

    private LocalConfig config() throws IOException {
        Path places = dir.resolve("places.mmdb");
        MmdbWriter.write(
                places,
                "GeoLite2-City",
                Map.of(
                        "201.91.0.0/16",
                        Map.of(
                                "country", Map.of("iso_code", "BR"),
                                "city", Map.of("names", Map.of("en", "Sao Paulo")),
                                "location", Map.of("latitude", -23.55, "longitude", -46.63, "accuracy_radius", 50))));
        return new LocalConfig(
                List.of(new LocalConfig.Host("mx1", log, dir.resolve("mx1.lmdb"))),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                ConsoleConfig.off(),
                List.of(places),
                List.of(),
                DetectionConfig.defaults(),
                Duration.ZERO,
                Map.of(),
                PolicyServerConfig.of(Settings.of(Map.of(
                        "quotas",
                        Map.of(
                                "listen", "unix:" + dir.resolve("policy"),
                                "socket.group", group(),
                                "limits", Map.of("login.recipients", "500/1d"))))));
    }

    /** An old log of an account that sends twice a day from one place. */
    private void learns() throws IOException {
        var lines = new StringBuilder();
        Instant start = Instant.now()
                .truncatedTo(ChronoUnit.DAYS)
                .minus(Duration.ofDays(20))
                .plus(Duration.ofHours(8));
        for (int i = 0; i < 30; i++) {
            message(
                    lines,
                    start.plus(Duration.ofHours(12L * i)),
                    "A" + (1000 + i) + "13B35D",
                    "ann@example.org",
                    "192.0.2.17");
        }
        Path old = Files.writeString(dir.resolve("old.log"), lines);
        run("learn", "--log", "mx1=" + old);
    }

    private void steals() throws IOException {
        var lines = new StringBuilder();
        // Always at the same place of an hour: what is usual is counted in stretches of the clock.
        Instant latest = Instant.now().minusSeconds(360);
        Instant start = latest.truncatedTo(ChronoUnit.HOURS).minus(Duration.ofMinutes(20));
        while (!start.plus(Duration.ofMinutes(30)).isAfter(latest)) {
            start = start.plus(Duration.ofMinutes(30));
        }
        for (int i = 0; i < 60; i++) {
            message(lines, start.plusSeconds(6L * i), "9" + (1000 + i) + "13B35D", THIEF, "201.91.101.26");
        }
        Files.writeString(log, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    private static void message(StringBuilder lines, Instant at, String id, String login, String ip) {
        String head = at.truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", "+00:00") + " mx postfix/";
        lines.append(head)
                .append("submission/smtpd[1885206]: " + id + ": client=unknown[" + ip
                        + "], sasl_method=PLAIN, sasl_username=")
                .append(login)
                .append('\n');
        lines.append(head).append("qmgr[944]: " + id + ": from=<" + login + ">, size=18836, nrcpt=1 (queue active)\n");
        lines.append(head).append("qmgr[944]: " + id + ": removed\n");
    }

    private void refuses(String reference) throws IOException {
        String line = Instant.now().toString().replace("Z", "+00:00")
                + " mx postfix/submission/smtpd[1885206]: NOQUEUE: reject: RCPT from unknown[201.91.101.26]: 554 5.7.1"
                + " <"
                + THIEF
                + ">: SASL login name rejected: Account suspended [pb:" + reference + "]; from=<" + THIEF
                + "> to=<r@example.com> proto=ESMTP helo=<x>\n";
        Files.writeString(log, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    private String group() throws IOException {
        return Files.readAttributes(dir, PosixFileAttributes.class).group().getName();
    }

    /** Postfix asks whether a message to three may be taken. */
    private void sends() throws IOException {
        try (var postfix = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("policy")))) {
            String question =
                    "request=smtpd_access_policy\nprotocol_state=END-OF-MESSAGE\nsasl_username=ann@example.org\n"
                            + "instance=1.2.3\nrecipient_count=3\nclient_address=192.0.2.17\n\n";
            postfix.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(1000);
            postfix.read(answer);
            assertThat(StandardCharsets.UTF_8.decode(answer.flip()).toString()).isEqualTo("action=DUNNO\n\n");
        }
    }

    /** Somebody writes what is no Avro. */
    private void breaks() throws Exception {
        try (var producer = new KafkaProducer<>(
                new HashMap<String, Object>(stack.access().kafka()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Topics.MAIL_EVENTS.name(), "mx1", "no Avro".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
    }

    private String run(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        String option = words[0].equals("learn") ? "--cluster" : "--config";
        arguments.addAll(List.of(option, stack.clientFile().toString()));
        var out = new StringWriter();
        var errors = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments.toArray(String[]::new));
        assertThat(exit).as(errors.toString()).isZero();
        return out.toString();
    }

    private void page(Topic<?> topic, Predicate<JsonNode> which) throws Exception {
        holds(topic.name(), awaits(topic, which));
    }

    private static void holds(String topic, JsonNode record) throws IOException {
        new TopicPage(topic).holds(record.path("key").asText(), record.path("value"));
    }

    /** The last record of the topic that is so. */
    private JsonNode awaits(Topic<?> topic, Predicate<JsonNode> which) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        awaits("a record for the page of " + topic.name(), () -> {
            records(topic.name()).stream()
                    .filter(record -> which.test(record.path("value")))
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.get(found.size() - 1);
    }

    private List<JsonNode> records(String topic) {
        return run("topics", "show", topic, "--last", "10000", "--json")
                .lines()
                .map(TopicSamplesIT::json)
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the many fields of a profile some, which do not change with each detector. */
    private void profile() throws Exception {
        JsonNode profile = awaits(
                Topics.PROFILES, value -> value.path("subjectKey").asText().equals("sasl_user:ann@example.org"));
        ObjectNode some = profile.path("value").deepCopy();
        some.retain(
                "subjectKey",
                "firstSeenAt",
                "lastSeenAt",
                "messages",
                "activeDays",
                "newestDay",
                "origins",
                "networks");
        new TopicPage(Topics.PROFILES.name()).holds(profile.path("key").asText(), some);
    }

    /** The record of another format stands aside with its origin in its headers. */
    private void deadLetter() throws Exception {
        awaits("the dead letter", () -> !records(Topics.DEAD_LETTER).isEmpty());
        JsonNode letter = records(Topics.DEAD_LETTER).get(0);
        ObjectNode headers = letter.path("headers").deepCopy();
        headers.remove("__streams.errors.stacktrace");
        assertThat(letter.path("value").asText()).isEqualTo("no Avro");
        new TopicPage(Topics.DEAD_LETTER).holds(letter.path("key").asText(), headers);
    }

    /** The command of each page prints the page's sample among its records, for people. */
    private void thePagesCommandsPrintRecords(String topic) throws IOException {
        String printed = run(new TopicPage(topic).command().split(" "));
        assertThat(printed).contains("partition 0 offset ");
    }

    private static void awaits(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time: " + what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
