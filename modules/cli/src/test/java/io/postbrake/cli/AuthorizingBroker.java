package io.postbrake.cli;

import io.postbrake.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

    private final Path file;
    private final String address;
    private final String own;
    private final ScramMechanism mechanism;
    private KafkaRaftServer server;

    private AuthorizingBroker(Path file, int[] ports, ScramMechanism mechanism) throws IOException {
        this.file = file;
        this.mechanism = mechanism;
        address = "127.0.0.1:" + ports[0];
        own = "127.0.0.1:" + ports[1];
        again();
    }

    static AuthorizingBroker start(Path dir, List<String> users) throws Exception {
        return start(dir, users, ScramMechanism.SCRAM_SHA_256, Map.of());
    }

    /**
     * One whose clients come in by TLS.
     *
     * @param tls settings {@code ssl.*} of the clients' listener
     */
    static AuthorizingBroker startTls(Path dir, List<String> users, Map<String, String> tls) throws Exception {
        return start(dir, users, ScramMechanism.SCRAM_SHA_512, tls);
    }

    private static AuthorizingBroker start(
            Path dir, List<String> users, ScramMechanism mechanism, Map<String, String> tls) throws Exception {
        int[] ports = freePorts();
        Properties settings = settings(dir.resolve("data"), ports, mechanism.mechanismName());
        if (!tls.isEmpty()) {
            settings.put("listener.security.protocol.map", "CLIENTS:SASL_SSL,OWN:PLAINTEXT,CONTROLLER:PLAINTEXT");
            tls.forEach((key, value) -> settings.put("listener.name.clients." + key, value));
        }
        Path file = Files.createDirectories(dir).resolve("server.properties");
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            settings.store(writer, null);
        }
        try (var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8)) {
            StorageTool.execute(new String[] {"format", "--cluster-id=" + Uuid.randomUuid(), "--config=" + file}, out);
        }
        var broker = new AuthorizingBroker(file, ports, mechanism);
        for (String user : users) {
            broker.keeps(user, SECRET);
        }
        return broker;
    }

    /** Gives a user this password; the broker's own listener is its own, and there users are made. */
    void keeps(String user, String password) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", own))) {
            var info = new ScramCredentialInfo(mechanism, 4096);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, info, password)))
                    .all()
                    .get();
        }
    }

    /** Starts it with the data and settings that it has. */
    void again() throws IOException {
        var settings = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            settings.load(reader);
        }
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    private static Properties settings(Path data, int[] ports, String mechanism) {
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
                "sasl.enabled.mechanisms", mechanism,
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
                "listener.name.clients." + mechanism.toLowerCase(Locale.ROOT) + ".sasl.jaas.config",
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
        settings.put("sasl.mechanism", mechanism.mechanismName());
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
