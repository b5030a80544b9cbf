package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.block.EnforcementReport;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        JsonNode said = json("block", "Thief@Example.org", "--reason", "spam", "--for", "PT4H");
        json("allow", "ann@example.org", "--reason", "on a journey", "--actor", "ticket-17");

        JsonNode listed = json("list").path("overrides");

        String here = System.getProperty("user.name") + "@"
                + InetAddress.getLocalHost().getHostName();
        String sudo = System.getenv("SUDO_USER");
        assertThat(said.path("actor").asText())
                .isEqualTo(sudo == null || sudo.isBlank() ? here : here.replaceFirst("^[^@]*", sudo));
        assertThat(listed).hasSize(2);
        assertThat(listed.findValuesAsText("actor"))
                .containsExactlyInAnyOrder(said.path("actor").asText(), "ticket-17");
        assertThat(listed.findValuesAsText("subject"))
                .containsExactlyInAnyOrder("thief@example.org", "ann@example.org");
        assertThat(listed.findValuesAsText("reason")).containsExactlyInAnyOrder("spam", "on a journey");
        assertThat(Instant.parse(said.path("endsAt").asText()))
                .isBetween(
                        Instant.now().plusSeconds(4 * 3600 - 60), Instant.now().plusSeconds(4 * 3600));
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
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                WireSerde.of(registry, EnforcementReport.class).serializer())) {
            producer.send(new ProducerRecord<>(Topics.ENFORCEMENT.name(), "mx1", report))
                    .get();
        }

        JsonNode hosts = json("status");

        assertThat(hosts).hasSize(1);
        assertThat(hosts.get(0).path("hostId").asText()).isEqualTo("mx1");
        assertThat(hosts.get(0).path("state").asText()).isEqualTo("ok");
        assertThat(hosts.get(0).path("blocksInForce").asInt()).isEqualTo(3);
        assertThat(hosts.get(0).path("lineToMapMillis").isNull()).isTrue();
    }

    private JsonNode json(String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--json", "--bootstrap", broker.bootstrapServers(), "--registry", server.url()));
        var out = new StringWriter();
        var errors = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments.toArray(String[]::new));
        assertThat(exit).as(errors.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }
}
