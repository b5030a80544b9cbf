package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.postbrake.agent.Agent;
import io.postbrake.agent.AgentConfig;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.Right;
import io.postbrake.wire.Role;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each role at work with the rights that {@code topics acls --apply} grants, and refused all else. */
@Timeout(240)
class LeastRightsIT {

    private static final Role.Scope SCOPE = new Role.Scope("postbrake-detector", null, false, false);
    private static final String THIEF = "user@my-domain.net";
    private static final String OWN_TOPIC = "postbrake-detector-by-subject-repartition";

    @TempDir
    private Path dir;

    private AuthorizingBroker broker;
    private EmbeddedRegistry registry;

    @Test
    void whatIsGrantedIsEnoughAndAllElseIsRefused() throws Exception {
        // Given
        List<String> users = Stream.concat(
                        Stream.of(AuthorizingBroker.ADMIN),
                        Stream.of(Role.values()).map(Role::id))
                .toList();
        AtomicInteger told = new AtomicInteger();
        HttpServer alertmanager = alertmanager(told);
        try (var startedBroker = AuthorizingBroker.start(dir.resolve("broker"), users);
                var startedRegistry = EmbeddedRegistry.start(dir.resolve("registry.json"), 0)) {
            broker = startedBroker;
            registry = startedRegistry;
            LiveCluster.awaits("the admin is known", () -> says(AuthorizingBroker.ADMIN, "schemas", "register") == 0);
            LiveCluster.awaits(
                    "there are topics",
                    () -> says(AuthorizingBroker.ADMIN, "topics", "create", "--partitions", "1", "--replication", "1")
                            == 0);
            // When
            for (Role role : Role.values()) {
                assertThat(says(
                                AuthorizingBroker.ADMIN,
                                "topics",
                                "acls",
                                "--role",
                                role.id(),
                                "--principal",
                                "User:" + role.id(),
                                "--apply"))
                        .isZero();
            }
            // Then
            try (Detector detector = detector();
                    Agent shipper = agent("shipper", "source: {log.paths: ['" + log() + "']}");
                    Agent enforcer = agent(
                            "enforcer",
                            "enforcer: {policy.map.path: " + dir.resolve("blocked.lmdb")
                                    + ", policy.postfix.config.directories: []}");
                    Agent quotas = agent(
                            "quotas",
                            "quotas: {listen: 'unix:" + dir.resolve("policy") + "', socket.group: " + group()
                                    + ", limits: {login.messages: 9/1h}}");
                    Agent alerts = agent(
                            "alert-sink",
                            "alerts: {alertmanager.urls: ['http://127.0.0.1:"
                                    + alertmanager.getAddress().getPort() + "']}")) {
                LiveCluster.awaits("the detector runs", detector::ready);
                allWork(told);
                sends("bob@example.org");
                LiveCluster.awaits(
                        "what was counted is told",
                        () -> hears("viewer", "topics", "show", Topics.QUOTAS.name())
                                .contains("bob@example.org"));
                assertThat(quotas.problems()).isEmpty();
            }
            for (Role role : Role.values()) {
                isRefusedAllElse(role);
            }
        } finally {
            alertmanager.stop(0);
        }
    }

    private void allWork(AtomicInteger told) throws Exception {
        LiveCluster.awaits("the thief is in the map", () -> isInMap(THIEF));
        LiveCluster.awaits("somebody was told", () -> told.get() > 0);
        LiveCluster.awaits("a viewer sees it", () -> hears("viewer", "list").contains(THIEF));
        assertThat(says("operator", "block", "ann@example.org", "--reason", "stolen", "--force", "--wait", "60s"))
                .as("the enforcer confirms an operator's word")
                .isZero();
        assertThat(isInMap("ann@example.org")).isTrue();
        assertThat(hears("viewer", "explain", THIEF)).contains("reach the ceiling");
        assertThat(says("viewer", "status")).isZero();
        assertThat(says("viewer", "queue", "list")).isZero();
        assertThat(says("viewer", "config", "get")).isZero();
        assertThat(says("viewer", "unblock", THIEF, "--reason", "r", "--wait", "0s"))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(says("operator", "config", "clear")).isZero();
        putsAsideWhatIsUnreadable();
        try (var reader = consumer(AuthorizingBroker.ADMIN)) {
            var own = List.of(new TopicPartition(OWN_TOPIC, 0));
            LiveCluster.awaits(
                    "what was taken is deleted",
                    () -> reader.beginningOffsets(own).get(own.get(0)) > 0);
        }
    }

    /** The detector and the enforcer each read operators' words. */
    private void putsAsideWhatIsUnreadable() throws Exception {
        try (var producer = producer(AuthorizingBroker.ADMIN)) {
            producer.send(new ProducerRecord<>(Topics.OVERRIDES.name(), new byte[] {65}, new byte[] {1, 2, 3}))
                    .get();
        }
        try (var reader = consumer(AuthorizingBroker.ADMIN)) {
            var letters = List.of(new TopicPartition(Topics.DEAD_LETTER, 0));
            reader.assign(letters);
            reader.seekToBeginning(letters);
            Set<String> by = new TreeSet<>();
            LiveCluster.awaits("both keep it", () -> {
                reader.poll(Duration.ofMillis(100))
                        .forEach(letter -> letter.headers().forEach(header -> by.add(header.key())));
                return by.contains("__streams.errors.topic") && by.contains("__connect.errors.topic");
            });
        }
    }

    private String group() throws IOException {
        return Files.readAttributes(dir, PosixFileAttributes.class).group().getName();
    }

    private void sends(String login) throws IOException {
        try (var postfix = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("policy")))) {
            String question = "request=smtpd_access_policy\nprotocol_state=DATA\nrecipient_count=1\nsasl_username="
                    + login + "\nclient_address=192.0.2.1\n\n";
            postfix.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8)));
            postfix.read(ByteBuffer.allocate(100));
        }
    }

    private void isRefusedAllElse(Role role) throws Exception {
        List<Right> rights = role.rights(SCOPE);
        List<String> topics =
                new ArrayList<>(Topics.all().stream().map(Topic::name).toList());
        topics.add(Topics.DEAD_LETTER);
        topics.add(OWN_TOPIC);
        try (var producer = producer(role.id());
                var consumer = consumer(role.id())) {
            for (String topic : topics) {
                if (!allows(rights, topic, AclOperation.WRITE)) {
                    assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, new byte[] {1}))
                                    .get())
                            .as(role + " writes " + topic)
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(TopicAuthorizationException.class);
                }
                if (!allows(rights, topic, AclOperation.READ)) {
                    assertThatThrownBy(() -> {
                                consumer.assign(List.of(new TopicPartition(topic, 0)));
                                consumer.seek(new TopicPartition(topic, 0), 0);
                                consumer.poll(Duration.ofSeconds(10));
                            })
                            .as(role + " reads " + topic)
                            .isInstanceOf(TopicAuthorizationException.class);
                }
            }
            assertThatThrownBy(() -> consumer.committed(Set.of(new TopicPartition(OWN_TOPIC, 0))))
                    .as(role + " in a group of others")
                    .isInstanceOf(GroupAuthorizationException.class);
        }
        if (role != Role.DETECTOR) {
            assertThatThrownBy(() -> transact(role.id())).isInstanceOf(TransactionalIdAuthorizationException.class);
        }
        try (Admin admin = Admin.create(settings(role.id()))) {
            assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("new", 1, (short) 1)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(TopicAuthorizationException.class);
            assertThatThrownBy(() -> admin.deleteTopics(List.of(Topics.BLOCKS.name()))
                            .all()
                            .get())
                    .hasCauseInstanceOf(AuthorizationException.class);
            assertThatThrownBy(() -> admin.createAcls(List.of(rights.get(0).of("User:somebody")))
                            .all()
                            .get())
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
        }
    }

    private static boolean allows(List<Right> rights, String topic, AclOperation operation) {
        return rights.stream()
                .filter(right -> right.operation() == operation)
                .anyMatch(right -> right.name().equals(topic)
                        || (right.pattern() == PatternType.PREFIXED && topic.startsWith(right.name())));
    }

    private void transact(String user) {
        Map<String, Object> settings = settings(user);
        settings.put("transactional.id", "postbrake-detector-1");
        settings.put("enable.idempotence", true);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
        }
    }

    private KafkaProducer<byte[], byte[]> producer(String user) {
        return new KafkaProducer<>(settings(user), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer(String user) {
        return new KafkaConsumer<>(settings(user), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> settings(String user) {
        Map<String, Object> settings = new HashMap<>(broker.client(user));
        settings.put("enable.idempotence", false);
        settings.put("group.id", "somebody-else's");
        settings.put("enable.auto.commit", false);
        return settings;
    }

    private Detector detector() throws IOException {
        Map<String, String> client = new HashMap<>(broker.client("detector"));
        client.put("repartition.purge.interval.ms", "200");
        return Detector.start(new DetectorConfig(
                client,
                registry.url(),
                Map.of(),
                SCOPE.applicationId(),
                dir.resolve("detector"),
                1,
                List.of(),
                -1,
                DetectionConfig.defaults()));
    }

    private Agent agent(String role, String section) throws IOException {
        Path yaml =
                Files.writeString(dir.resolve(role + ".yaml"), """
                    host.id: mx1
                    client.file: %s
                    state.dir: %s
                    http.port: -1
                    %s
                    """.formatted(client(role), dir.resolve(role), section));
        return Agent.start(AgentConfig.read(yaml, null));
    }

    /** A file with which a command is this user. */
    private Path client(String user) throws IOException {
        Path file = dir.resolve(user + ".properties");
        if (!Files.exists(file)) {
            new ClusterAccess(broker.client(user), registry.url(), Map.of()).write(file);
        }
        return file;
    }

    private int says(String user, String... words) {
        return run(user, words).status();
    }

    private String hears(String user, String... words) {
        LiveCluster.Said said = run(user, words);
        return said.out() + said.err();
    }

    private LiveCluster.Said run(String user, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        try {
            all.addAll(List.of("--config", client(user).toString()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return LiveCluster.says(all.toArray(String[]::new));
    }

    private boolean isInMap(String account) {
        return PolicyMap.read(dir.resolve("blocked.lmdb"), account).isPresent();
    }

    /** A log in which an account sends 60 messages within six minutes. */
    private Path log() throws IOException {
        var lines = new StringBuilder();
        Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(400);
        for (int i = 0; i < 60; i++) {
            String head = start.plusSeconds(6L * i).toString().replace("Z", "+00:00") + " mx postfix/";
            String id = "9" + (1000 + i) + "13B35D: ";
            lines.append(head)
                    .append("submission/smtpd[188]: " + id + "client=unknown[192.0.2.77], sasl_method=PLAIN,")
                    .append(" sasl_username=" + THIEF + "\n")
                    .append(head)
                    .append("qmgr[944]: " + id + "from=<" + THIEF + ">, size=18836, nrcpt=1 (queue active)\n");
        }
        return Files.writeString(dir.resolve("mail.log"), lines);
    }

    private static HttpServer alertmanager(AtomicInteger told) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            told.incrementAndGet();
        });
        server.start();
        return server;
    }
}
