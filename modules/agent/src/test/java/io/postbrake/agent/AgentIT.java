package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postbrake.block.Block;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.event.MailEvent;
import io.postbrake.testkit.FreePort;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is there before its cluster is. */
class AgentIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path dir;

    @Test
    void waitsForItsClusterThenShipsAndEnforces() throws Exception {
        int brokerPort = FreePort.next();
        int registryPort = FreePort.next();
        Path log = Files.writeString(
                dir.resolve("mail.log"),
                "May  9 22:12:29 mx postfix/submission/smtpd[5]: 984BB13B35D: client=unknown[201.91.101.26],"
                        + " sasl_method=PLAIN, sasl_username=user@my-domain.net\n");
        Path yaml = Files.writeString(dir.resolve("agent.yaml"), """
                host.id: mx1
                kafka: {bootstrap.servers: "127.0.0.1:%d"}
                registry: {url: "http://127.0.0.1:%d"}
                state.dir: %s
                source: {log.paths: ["%s"]}
                enforcer:
                  policy.map.path: %s
                  policy.postfix.config.directories: []
                  policy.farewell: true
                  errors.deadletterqueue.topic.replication.factor: 1
                quotas:
                  listen: unix:%s
                  socket.group: %s
                  limits: {login.messages: 1/1h}
                http.port: 0
                """.formatted(
                brokerPort,
                registryPort,
                dir.resolve("state"),
                log,
                dir.resolve("map/blocked.lmdb"),
                dir.resolve("policy"),
                Files.readAttributes(dir, PosixFileAttributes.class).group().getName()));
        Files.createDirectories(dir.resolve("map"));
        try (Agent agent = Agent.start(AgentConfig.read(yaml, null))) {
            await("it lives without broker and registry")
                    .during(Duration.ofSeconds(3))
                    .until(() -> get(agent, "/health/live").statusCode() == 200);
            assertThat(asked("first")).isEqualTo("action=DUNNO\n\n");
            assertThat(asked("second")).startsWith("action=DEFER_IF_PERMIT 4.7.1 ");
            try (var broker = EmbeddedBroker.start(dir.resolve("broker"), brokerPort);
                    var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), registryPort);
                    var client = ConfluentSchemaRegistry.connect(registry.url(), Map.of())) {
                new SchemaAdmin(client).register();
                try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                    new TopicAdmin(admin, 1, (short) 1).create();
                }
                block(broker, client, "thief@example.org");

                awaits(() -> get(agent, "/health/ready").statusCode() == 200);
                assertThat(get(agent, "/health").statusCode()).isEqualTo(200);
                awaits(() -> get(agent, "/metrics")
                        .body()
                        .lines()
                        .anyMatch(l -> l.startsWith("postbrake_enforcer_blocks_in_force{table=\"accounts\"")
                                && l.endsWith(" 1.0")));

                MailEvent shipped = firstEvent(broker, client);
                assertThat(shipped.getHostId()).isEqualTo("mx1");
                assertThat(shipped.getSaslUsername()).isEqualTo("user@my-domain.net");
                assertThat(get(agent, "/metrics").body())
                        .contains("postbrake_agent_producer_record_send_total")
                        .contains("postbrake_quota_questions_total 2.0")
                        .contains("postbrake_quota_over_total 1.0")
                        .contains("postbrake_quota_subjects 1.0")
                        .doesNotContain("example.org");

                agent.close();
                awaits(() -> first(broker, client, Topics.ENFORCEMENT, report -> report.getEndedAt() != null)
                        .getHostId()
                        .equals("mx1"));
            }
        }
    }

    /** What Postfix is answered about a message. */
    private String asked(String instance) throws IOException {
        try (var postfix = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("policy")))) {
            String question = "request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=alice\ninstance="
                    + instance + "\nclient_address=192.0.2.1\n\n";
            postfix.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(1000);
            postfix.read(answer);
            return StandardCharsets.UTF_8.decode(answer.flip()).toString();
        }
    }

    private static void block(EmbeddedBroker broker, ConfluentSchemaRegistry registry, String account)
            throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Block block = Block.newBuilder()
                .setBlockId(UUID.randomUUID())
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setReference("ref00001")
                .setAction("reject")
                .setReason("test")
                .setScore(1)
                .setIncidentId(UUID.randomUUID())
                .setDecidedAt(now)
                .setLastEvidenceAt(now)
                .setEndsAt(now.plusSeconds(3600))
                .build();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                WireSerde.of(registry, Block.class).serializer())) {
            producer.send(new ProducerRecord<>(Topics.BLOCKS.name(), "sasl_user:" + account, block))
                    .get();
        }
    }

    private static MailEvent firstEvent(EmbeddedBroker broker, ConfluentSchemaRegistry registry) {
        return first(broker, registry, Topics.MAIL_EVENTS, event -> true);
    }

    private static <V extends SpecificRecord> V first(
            EmbeddedBroker broker, ConfluentSchemaRegistry registry, Topic<V> topic, Predicate<V> wanted) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                "test-" + topic.name(),
                "auto.offset.reset",
                "earliest");
        try (var consumer = new KafkaConsumer<>(
                settings,
                new StringDeserializer(),
                WireSerde.of(registry, topic.type()).deserializer())) {
            consumer.subscribe(List.of(topic.name()));
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (wanted.test(record.value())) {
                        return record.value();
                    }
                }
            }
            throw new AssertionError("no record came");
        }
    }

    private static void awaits(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static HttpResponse<String> get(Agent agent, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.httpPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
