package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.OperatorNotes;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Operators' commands against a real cluster, as a program reads them. */
@Timeout(120)
class OperatorWordsIT {

    @TempDir
    private Path dir;

    private EmbeddedBroker broker;
    private EmbeddedRegistry server;
    private ConfluentSchemaRegistry registry;

    @BeforeEach
    void cluster() throws Exception {
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        server = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        registry = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        new SchemaAdmin(registry).register();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicAdmin(admin, 1, (short) 1).create();
        }
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
        server.close();
        broker.close();
    }

    @Test
    void whoSaidItAndWhyIsRecordedAndRead() throws Exception {
        JsonNode said = json("block", "Thief@Example.org", "--reason", "spam", "--for", "4h", "--force");
        json("allow", "ann@example.org", "--reason", "on a journey", "--actor", "ticket-17");

        JsonNode listed = json("list").path("overrides");

        String here = System.getProperty("user.name") + "@"
                + InetAddress.getLocalHost().getHostName();
        String sudo = System.getenv("SUDO_USER");
        assertThat(said.path("actor").asText())
                .isEqualTo(sudo == null || sudo.isBlank() ? here : here.replaceFirst("^[^@]*", sudo));
        assertThat(listed).hasSize(2);
        assertThat(listed.findValuesAsText("actor"))
                .containsExactlyInAnyOrder(
                        said.path("actor").asText(), said.path("actor").asText() + " (ticket-17)");
        assertThat(listed.findValuesAsText("subject"))
                .containsExactlyInAnyOrder("thief@example.org", "ann@example.org");
        assertThat(listed.findValuesAsText("reason")).containsExactlyInAnyOrder("spam", "on a journey");
        assertThat(Instant.parse(said.path("endsAt").asText()))
                .isBetween(
                        Instant.now().plusSeconds(4 * 3600 - 60), Instant.now().plusSeconds(4 * 3600));
    }

    @Test
    void aBlockThatIsGivenNoEndHasOne() throws Exception {
        JsonNode said = json("block", "thief@example.org", "--reason", "spam", "--force");

        Instant aWeekAhead = Instant.now().plusSeconds(7 * 86_400);
        assertThat(Instant.parse(said.path("endsAt").asText())).isBetween(aWeekAhead.minusSeconds(60), aWeekAhead);
    }

    @Test
    void aBlockThatAnOperatorLiftedWhileTheDetectorIsAwayIsNotShownAsInForce() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.BLOCKS, "sasl_user:ann@example.org", block("ann@example.org", now));
        send(Topics.BLOCKS, "sasl_user:ben@example.org", block("ben@example.org", now));
        json("unblock", "ann@example.org", "--reason", "it was her", "--actor", "anna");

        JsonNode blocks = json("list").path("blocks");
        String text = text("list");
        String explained = text("explain", "ann@example.org");

        assertThat(blocks.findValuesAsText("subject")).containsExactly("ann@example.org", "ben@example.org");
        assertThat(blocks.findValuesAsText("inForce")).containsExactly("false", "true");
        assertThat(blocks.findValuesAsText("overriddenBy")).containsExactly(Actor.here("anna"), "null");
        assertThat(text)
                .containsSubsequence(
                        "BLOCKS",
                        "ben@example.org",
                        "NOT IN FORCE",
                        "ann@example.org",
                        "unblock by " + Actor.here("anna"));
        assertThat(explained).contains("not blocked any more: unblock by " + Actor.here("anna"));
    }

    @Test
    void notesAddUpAndChangeNothingElse() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.BLOCKS, "sasl_user:ann@example.org", block("ann@example.org", now));
        send(
                Topics.OVERRIDES,
                OperatorNotes.key(
                        "sasl_user:ben@example.org",
                        now.minus(OperatorNotes.KEEP).minusSeconds(1)),
                word("ben@example.org", "note", now.minus(OperatorNotes.KEEP).minusSeconds(1)));
        json("note", "ann@example.org", "--text", "rang her");
        json("note", "ann@example.org", "--acknowledge");

        JsonNode listed = json("list");
        String explained = text("explain", "ann@example.org");

        assertThat(listed.path("notes").findValuesAsText("verb")).containsExactly("acknowledge", "note");
        assertThat(listed.path("notes").findValuesAsText("subject"))
                .as("what is too old went with the next one")
                .doesNotContain("ben@example.org");
        assertThat(listed.path("overrides")).isEmpty();
        assertThat(listed.path("blocks").findValuesAsText("inForce")).containsExactly("true");
        assertThat(explained)
                .containsSubsequence("NOTES", Actor.here(null) + " acknowledged: ", Actor.here(null) + ": rang her");
    }

    /** As earlier builds named the account, and as an older tool does still: hosts follow such a word. */
    @Test
    void aWordUnderAnEarlierNameCountsForTheAccountItIsAbout() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.BLOCKS, "sasl_user:strasse@example.org", block("strasse@example.org", now));
        send(
                Topics.OVERRIDES,
                "sasl_user:strasse@example.org",
                word("strasse@example.org", "block", now.minusSeconds(9)));
        send(
                Topics.OVERRIDES,
                "sasl_user:stra\u00dfe@example.org",
                word("stra\u00dfe@example.org", "unblock", now.plusMillis(1)));

        JsonNode blocks = json("list").path("blocks");
        String explained = text("explain", "STRASSE@example.org");

        assertThat(blocks.findValuesAsText("inForce")).containsExactly("false");
        assertThat(blocks.findValuesAsText("overriddenBy")).containsExactly("an older tool");
        assertThat(explained).contains("not blocked any more: unblock by an older tool");
    }

    private static OperatorOverride word(String account, String verb, Instant at) {
        return OperatorOverride.newBuilder()
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setVerb(verb)
                .setActor("an older tool")
                .setReason("password changed")
                .setAt(at)
                .build();
    }

    @Test
    void aLoginThatNobodyHeardOfIsRefusedUnlessForced() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.BLOCKS, "sasl_user:ann@example.org", block("ann@example.org", now));

        List<Integer> mistyped = List.of(
                exit("block", "anne@example.org", "--reason", "r"),
                exit("unblock", "anne@example.org", "--reason", "r"),
                exit("unblock", "192.0.2.9", "--reason", "r"),
                exit("explain", "anne@example.org"),
                exit("queue", "list", "anne@example.org"));
        List<Integer> known = List.of(
                exit("block", "192.0.2.9", "--reason", "r"),
                exit("unblock", "192.0.2.9", "--reason", "r"),
                exit("unblock", "ANN@example.org", "--reason", "r"),
                exit("explain", "ann@example.org"),
                exit("queue", "list", "ann@example.org"),
                exit("block", "anne@example.org", "--reason", "r", "--force"),
                exit("queue", "list", "anne@example.org"));

        assertThat(mistyped).containsOnly(ExitCodes.UNKNOWN_SUBJECT);
        assertThat(known).containsOnly(ExitCodes.DONE);
        assertThat(json("list").path("overrides").findValuesAsText("subject"))
                .containsExactlyInAnyOrder("ann@example.org", "anne@example.org", "192.0.2.9");
    }

    @Test
    void aHostThatIsThereAndDoesNotConfirmIsNamed() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.ENFORCEMENT, "mx1", host("mx1", now));
        send(Topics.ENFORCEMENT, "mx9", host("mx9", now.minusSeconds(600)));

        var out = new StringWriter();
        int exit = run(out, "block", "192.0.2.9", "--reason", "r", "--wait", "1s");

        assertThat(exit).isEqualTo(ExitCodes.UNCONFIRMED);
        assertThat(out.toString())
                .contains("[pb:op-", "NOT YET confirmed by mx1;")
                .doesNotContain("mx9");
    }

    @Test
    void topicsOfASingleMachineAreFoundWell() throws Exception {
        Path up = Files.writeString(
                dir.resolve("up.yaml"),
                "host: mx1\ndata: " + dir + "\nbroker.port: "
                        + broker.bootstrapServers().replaceAll(".*:", "") + "\nregistry.url: " + server.url() + "\n");
        var out = new StringWriter();

        int byFile =
                Main.commandLine().setOut(new PrintWriter(out)).execute("topics", "check", "--config", up.toString());
        int byAddress = run(out, "topics", "check");
        int twelve = run(out, "topics", "check", "--partitions", "12");

        assertThat(List.of(byFile, byAddress, twelve)).containsExactly(0, 0, 1);
        assertThat(out.toString()).contains("wanted are 12");
    }

    @Test
    void aCommandEndsWhenTheRegistryIsAway() throws Exception {
        send(Topics.ENFORCEMENT, "mx1", host("mx1", Instant.now().truncatedTo(ChronoUnit.MILLIS)));
        var errors = new StringWriter();

        int exit = Main.commandLine()
                .setErr(new PrintWriter(errors, true))
                .execute("status", "--bootstrap", broker.bootstrapServers(), "--registry", "http://127.0.0.1:1");

        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(errors.toString()).contains("no answer from the schema registry http://127.0.0.1:1", "--registry");
    }

    private static EnforcementReport host(String id, Instant at) {
        return EnforcementReport.newBuilder()
                .setKind("host")
                .setHostId(id)
                .setAt(at)
                .setStartedAt(at.minusSeconds(60))
                .setCaughtUp(true)
                .setQueue("on")
                .build();
    }

    @Test
    void blocksThatBeganTogetherAreLiftedTogetherOnceSomebodySaysSo() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send(Topics.BLOCKS, "sasl_user:old@example.org", block("old@example.org", now.minusSeconds(900)));
        send(Topics.BLOCKS, "sasl_user:ann@example.org", block("ann@example.org", now.minusSeconds(20)));
        send(Topics.BLOCKS, "sasl_user:ben@example.org", block("ben@example.org", now));
        String since = now.minusSeconds(60).toString();

        var listed = new StringWriter();
        int unasked = run(listed, "unblock", "--since", since, "--reason", "a swapped file");
        int sure = exit("unblock", "--since", since, "--reason", "a swapped file", "--yes", "--actor", "anna");

        assertThat(unasked).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(listed.toString())
                .contains("ann@example.org", "ben@example.org", "2 blocks")
                .doesNotContain("old@");
        assertThat(sure).isEqualTo(ExitCodes.DONE);
        JsonNode words = json("list").path("overrides");
        assertThat(words.findValuesAsText("subject")).containsExactlyInAnyOrder("ann@example.org", "ben@example.org");
        assertThat(words.findValuesAsText("verb")).containsOnly("unblock");
        assertThat(words.findValuesAsText("actor")).containsOnly(Actor.here("anna"));
        assertThat(words.findValuesAsText("reason")).containsOnly("a swapped file");
    }

    @Test
    void withoutASubjectOrATimeNothingIsLifted() {
        assertThat(exit("unblock", "--reason", "hurry")).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(exit("unblock", "--detector", "new-country", "--reason", "hurry"))
                .isEqualTo(ExitCodes.WRONG_CALL);
    }

    private int exit(String... words) {
        return run(new StringWriter(), words);
    }

    private int run(StringWriter out, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--bootstrap", broker.bootstrapServers(), "--registry", server.url()));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments.toArray(String[]::new));
    }

    private static Block block(String account, Instant at) {
        return Block.newBuilder()
                .setBlockId(UUID.randomUUID())
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setReference("53cc05e4")
                .setAction("reject")
                .setReason("50 messages in an hour reach the ceiling of 50")
                .setScore(0.9)
                .setIncidentId(UUID.randomUUID())
                .setDecidedAt(at)
                .setLastEvidenceAt(at)
                .setEndsAt(at.plusSeconds(3600))
                .build();
    }

    private <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                WireSerde.of(registry, topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
        }
    }

    @Test
    void ofHeldMailTheMostIsShownAndHowMuchIsLeftOut() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Map<String, Long> held = Map.of("ann", 2L, "ben", 7L, "cem", 1L);
        for (var one : held.entrySet()) {
            String account = one.getKey() + "@example.org";
            send(
                    Topics.ENFORCEMENT,
                    "mx1/queue/" + account,
                    EnforcementReport.newBuilder()
                            .setKind("queue")
                            .setHostId("mx1")
                            .setSubject(account)
                            .setSubjectType("sasl_user")
                            .setHeld(one.getValue())
                            .setAt(now)
                            .build());
        }

        List<String> some = text("queue", "list", "--limit", "1").lines().toList();
        List<String> all = text("queue", "list", "--limit", "0").lines().toList();

        assertThat(some).hasSize(2);
        assertThat(some.get(0)).contains("ben@example.org", "held 7");
        assertThat(some.get(1)).isEqualTo("and 2 more, with 3 messages: --limit 0 has all");
        assertThat(all).hasSize(3);
        assertThat(json("queue", "list").findValuesAsText("subject"))
                .containsExactly("ben@example.org", "ann@example.org", "cem@example.org");
        assertThat(exit("queue", "list", "--limit", "-1")).isEqualTo(ExitCodes.WRONG_CALL);
    }

    @Test
    void theStateOfAHostIsJsonToo() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        var report = EnforcementReport.newBuilder()
                .setKind("host")
                .setHostId("mx1")
                .setAt(now)
                .setStartedAt(now.minusSeconds(60))
                .setBlocksInForce(3L)
                .setCaughtUp(true)
                .setQueue("on")
                .build();
        send(Topics.ENFORCEMENT, "mx1", report);

        JsonNode hosts = json("status");

        assertThat(hosts).hasSize(1);
        assertThat(hosts.get(0).path("hostId").asText()).isEqualTo("mx1");
        assertThat(hosts.get(0).path("state").asText()).isEqualTo("ok");
        assertThat(hosts.get(0).path("blocksInForce").asInt()).isEqualTo(3);
        assertThat(hosts.get(0).path("lineToMapMillis").isNull()).isTrue();
    }

    @Test
    void aHostThatIsGoneForGoodIsForgottenAndOneThatIsThereIsNot() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (String host : List.of("mx1", "mx2")) {
            send(
                    Topics.ENFORCEMENT,
                    host,
                    EnforcementReport.newBuilder()
                            .setKind("host")
                            .setHostId(host)
                            .setAt(host.equals("mx1") ? now : now.minusSeconds(120))
                            .setCaughtUp(true)
                            .setQueue("off: no root")
                            .build());
        }
        send(
                Topics.ENFORCEMENT,
                "5f3d8a2e/shipper",
                EnforcementReport.newBuilder()
                        .setKind("shipper")
                        .setHostId("5f3d8a2e")
                        .setHostLabel("mail/postfix-0")
                        .setAt(now.minusSeconds(120))
                        .setLogProblems(List.of())
                        .build());
        String held = text("queue", "list");

        int there = exit("hosts", "forget", "mx1");
        int unknown = exit("hosts", "forget", "mx3");
        String said = text("hosts", "forget", "mx2", "mail/postfix-0");

        assertThat(List.of(there, unknown)).containsOnly(ExitCodes.WRONG_CALL);
        assertThat(said).isEqualToIgnoringNewLines("5f3d8a2e is no host any more" + "mx2 is no host any more");
        assertThat(json("status").findValuesAsText("hostId")).containsExactly("mx1");
        assertThat(held.lines())
                .containsExactlyInAnyOrder(
                        "mx1: no mail is held there: queue off: no root",
                        "mx2: no mail is held there: queue off: no root",
                        "mail/postfix-0: no mail is held there: nothing is enforced on it, as far as it told");
    }

    private JsonNode json(String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add("--json");
        return new ObjectMapper().readTree(text(arguments.toArray(String[]::new)));
    }

    private String text(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--bootstrap", broker.bootstrapServers(), "--registry", server.url()));
        var out = new StringWriter();
        var errors = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments.toArray(String[]::new));
        assertThat(exit).as(errors.toString()).isZero();
        return out.toString();
    }
}
