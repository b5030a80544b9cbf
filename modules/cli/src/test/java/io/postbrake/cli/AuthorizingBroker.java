package io.postbrake.cli;

import io.postbrake.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A broker as a cluster of others has it: clients log in with SCRAM, and may do what its authorizer finds a right for. */
final class AuthorizingBroker implements AutoCloseable {

    static final String ADMIN = "admin";
    private static final String SECRET = "of-a-test-only";

    private final KafkaRaftServer server;
    private final String address;

    private AuthorizingBroker(KafkaRaftServer server, String address) {
        this.server = server;
        this.address = address;
    }

    static AuthorizingBroker start(Path dir, List<String> users) throws Exception {
        int[] ports = freePorts();
        Properties settings = settings(dir.resolve("data"), ports);
        Path file = Files.createDirectories(dir).resolve("server.properties");
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            settings.store(writer, null);
        }
        try (var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8)) {
            StorageTool.execute(new String[] {"format", "--cluster-id=" + Uuid.randomUuid(), "--config=" + file}, out);
        }
        var server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
        var broker = new AuthorizingBroker(server, "127.0.0.1:" + ports[0]);
        // The broker's own listener is its own: the users are made there.
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + ports[1]))) {
            var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
            for (String user : users) {
                admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, info, SECRET)))
                        .all()
                        .get();
            }
        }
        return broker;
    }

    private static Properties settings(Path data, int[] ports) {
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + ports[2],
                "controller.listener.names", "CONTROLLER",
                "listeners",
                        "CLIENTS://127.0.0.1:" + ports[0] + ",OWN://127.0.0.1:" + ports[1] + ",CONTROLLER://127.0.0.1:"
                                + ports[2],
                "listener.security.protocol.map", "CLIENTS:SASL_PLAINTEXT,OWN:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name", "OWN",
                "sasl.enabled.mechanisms", "SCRAM-SHA-256",
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users", "User:" + ADMIN + ";User:ANONYMOUS"));
        settings.putAll(Map.of(
                "log.dirs", data.toString(),
                "auto.create.topics.enable", "false",
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "2",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.num.partitions", "2",
                "transaction.state.log.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0"));
        settings.put(
                "listener.name.clients.scram-sha-256.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        return settings;
    }

    String address() {
        return address;
    }

    /** Settings of a client that is this user. */
    Map<String, String> client(String user) {
        Map<String, String> settings = new HashMap<>();
        settings.put("bootstrap.servers", address);
        settings.put("security.protocol", "SASL_PLAINTEXT");
        settings.put("sasl.mechanism", "SCRAM-SHA-256");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + SECRET + "\";");
        return settings;
    }

    private static int[] freePorts() throws IOException {
        return new int[] {FreePort.next(), FreePort.next(), FreePort.next()};
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
