package io.postbrake.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.FreePort;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.zip.ZipFile;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archive in two workers as others run them; the one at work is killed. */
@Timeout(500)
class ConnectArchiveIT {

    private static final int MESSAGES = 400;
    private static final int LINES_A_MESSAGE = 2;
    private static final List<String> CONNECTORS =
            List.of("postfix-source-mx1", "policy-sink-mx1", "alertmanager-sink");
    private static final String RUNS = "\"tasks\":[{\"id\":0,\"state\":\"RUNNING\"";

    @TempDir
    private Path dir;

    private String brokers;
    private String registryUrl;
    private String alertmanagerUrl;

    @Test
    void itsConnectorsRunInStockWorkersAndMoveWithoutALineLost() throws Exception {
        // Given
        Path plugins = Files.createDirectory(dir.resolve("plugins"));
        String root = unpack(Path.of(System.getProperty("connect.archive")), plugins);
        String version = root.replaceFirst("^postbrake-connect-", "");
        assertThat(Files.readString(plugins.resolve(root).resolve("manifest.json")))
                .contains("\"version\": \"" + version + "\"");
        Path log = Files.writeString(dir.resolve("mail.log"), "");
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
                var alertmanager = new Told();
                var schemas = ConfluentSchemaRegistry.connect(registry.url(), Map.of());
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            brokers = broker.bootstrapServers();
            registryUrl = registry.url();
            alertmanagerUrl = alertmanager.url();
            new SchemaAdmin(schemas).register();
            new TopicAdmin(admin, 1, (short) 1).create();
            try (Worker one = Worker.start(dir.resolve("one"), FreePort.next(), settings(plugins));
                    Worker two = Worker.start(dir.resolve("two"), FreePort.next(), settings(plugins));
                    Detector detector = detector()) {
                for (Worker each : List.of(one, two)) {
                    awaits(
                            "a worker knows the archive",
                            () -> each.get("/connector-plugins")
                                    .contains(
                                            "\"class\":\"io.postbrake.postfixsource.PostfixSourceConnector\",\"type\":\"source\","
                                                    + "\"version\":\"" + version + "\""));
                }
                for (String example : List.of("shipper.json", "enforcer.json", "alerts.json")) {
                    String text = example(plugins.resolve(root), example);
                    awaits("a connector is taken", () -> one.post(text).contains("\"config\""));
                }
                for (String name : CONNECTORS) {
                    awaits(name + " runs", () -> status(one, name).contains(RUNS));
                }
                awaits("the detector runs", detector::ready);
                steals(log, "ann@example.org", 0);
                awaits("ann is in the map", () -> isInMap("ann@example.org"));
                awaits("somebody was told of ann", () -> alertmanager.heard("ann@example.org"));
                // When
                String at = status(one, "postfix-source-mx1");
                Worker working = at.substring(at.indexOf("\"tasks\"")).contains(one.id()) ? one : two;
                Worker other = working == one ? two : one;
                working.kill();
                steals(log, "bob@example.org", MESSAGES);
                // Then
                for (String name : CONNECTORS) {
                    awaits(
                            name + " moved",
                            () -> status(other, name).contains(RUNS)
                                    && !status(other, name).contains(working.id()));
                }
                awaits("all lines are there", () -> lines(schemas).size() == 2 * LINES_A_MESSAGE * MESSAGES);
                awaits("bob is in the map", () -> isInMap("bob@example.org"));
                awaits("somebody was told of bob", () -> alertmanager.heard("bob@example.org"));
                awaits("all are judged", () -> accepted(schemas).size() == 2 * MESSAGES);
                assertThat(accepted(schemas).values()).as("no message twice").containsOnly(1);
                awaits(
                        "the offset is kept",
                        () -> other.get("/connectors/postfix-source-mx1/offsets")
                                .contains("\"source\":"));
            }
        }
    }

    private boolean isInMap(String account) {
        return PolicyMap.read(dir.resolve("blocked.lmdb"), account).isPresent();
    }

    private Detector detector() throws IOException {
        return Detector.start(new DetectorConfig(
                Map.of("bootstrap.servers", brokers),
                registryUrl,
                Map.of(),
                "postbrake-detector",
                dir.resolve("detector"),
                1,
                List.of(),
                -1,
                DetectionConfig.defaults()));
    }

    /** An Alertmanager as far as it listens. */
    private static final class Told implements AutoCloseable {
        private final HttpServer server;
        private final StringBuffer all = new StringBuffer();

        Told() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                all.append(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        boolean heard(String account) {
            return all.indexOf(account) >= 0;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static String status(Worker worker, String connector) throws InterruptedException {
        return worker.get("/connectors/" + connector + "/status");
    }

    private Map<String, String> settings(Path plugins) {
        Map<String, String> settings = new HashMap<>();
        settings.put("bootstrap.servers", brokers);
        settings.put("group.id", "connect");
        settings.put("plugin.path", plugins.toString());
        settings.put("plugin.discovery", "service_load");
        settings.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put("scheduled.rebalance.max.delay.ms", "0");
        for (String topic : List.of("config", "offset", "status")) {
            settings.put(topic + ".storage.topic", "connect-" + topic);
            settings.put(topic + ".storage.replication.factor", "1");
        }
        settings.put("offset.storage.partitions", "1");
        settings.put("offset.flush.interval.ms", "1000");
        settings.put("status.storage.partitions", "1");
        return settings;
    }

    /** An example of the archive, with the addresses and paths of this test. */
    private String example(Path archive, String name) throws IOException {
        return Files.readString(archive.resolve("etc").resolve(name))
                .replace("http://registry:8081", registryUrl)
                .replace("http://alertmanager:9093", alertmanagerUrl)
                .replace("kafka:9092", brokers)
                .replace("/var/log/mail.log", dir.resolve("mail.log").toString())
                .replace("/var/lib/postbrake", dir.toString());
    }

    /** An account sends more than it may, over some seconds. */
    private static void steals(Path log, String account, int from) throws IOException, InterruptedException {
        for (int i = from; i < from + MESSAGES; i += 20) {
            var lines = new StringBuilder();
            String head = Instant.now() + " mx postfix/";
            for (int line = i; line < i + 20; line++) {
                String id = "4bXYZ" + (10000 + line) + "z: ";
                lines.append(head + "submission/smtpd[7]: " + id
                                + "client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=" + account + "\n")
                        .append(head + "qmgr[8]: " + id + "from=<" + account + ">, size=900, nrcpt=1 (queue active)\n");
            }
            Files.write(log, lines.toString().getBytes(StandardCharsets.US_ASCII), StandardOpenOption.APPEND);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** How often each line is on the topic, by what names a line. */
    private Map<String, Integer> lines(ConfluentSchemaRegistry schemas) {
        return count(
                schemas,
                Topics.MAIL_EVENTS,
                event -> event.getSourceId() + " " + event.getGeneration() + " " + event.getPosition());
    }

    /** How often each message was judged that Postfix took. */
    private Map<String, Integer> accepted(ConfluentSchemaRegistry schemas) {
        return count(
                schemas,
                Topics.MAIL_SUBMISSIONS,
                submission -> submission.getPhase().equals("ACCEPTED") ? submission.getQueueId() : "");
    }

    private <V extends SpecificRecord> Map<String, Integer> count(
            ConfluentSchemaRegistry schemas, Topic<V> topic, Function<V, String> name) {
        var values = WireSerde.of(schemas, topic.type()).deserializer();
        Map<String, Integer> seen = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var only = new TopicPartition(topic.name(), 0);
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long end = consumer.endOffsets(List.of(only)).get(only);
            while (consumer.position(only) < end) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> seen.merge(
                                name.apply(values.deserialize(record.topic(), record.value())), 1, Integer::sum));
            }
        }
        seen.remove("");
        return seen;
    }

    private static String unpack(Path archive, Path to) throws IOException {
        String root = null;
        try (var zip = new ZipFile(archive.toFile())) {
            for (var entry : Collections.list(zip.entries())) {
                Path target = to.resolve(entry.getName()).normalize();
                root = to.relativize(target).getName(0).toString();
                if (!entry.isDirectory()) {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip.getInputStream(entry), target);
                }
            }
        }
        return root;
    }

    /** Something that may be so by now. */
    private interface Question {
        boolean isSo() throws Exception;
    }

    private static void awaits(String what, Question question) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!question.isSo()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }
}
