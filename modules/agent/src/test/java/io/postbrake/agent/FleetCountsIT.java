package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.policyserver.PolicyServer;
import io.postbrake.policyserver.PolicyServerConfig;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import io.postbrake.testkit.FreePort;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three hosts count together, over a real broker. */
class FleetCountsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ALONE = "quotas: this host counts alone since";

    @TempDir
    private Path dir;

    private final List<Host> hosts = new ArrayList<>();
    private int brokerPort;
    private EmbeddedBroker broker;
    private EmbeddedRegistry registry;

    /** A mail host's policy server, and what it tells and hears. */
    private record Host(String id, Path socket, PolicyServer server, FleetCounts fleet) {
        /** Whether one more message of a login passes. */
        boolean passes(String login, String instance) throws IOException {
            try (var postfix = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                String question = "request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=" + login
                        + "\ninstance=" + instance + "\nclient_address=192.0.2.1\n\n";
                postfix.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8)));
                ByteBuffer answer = ByteBuffer.allocate(1000);
                postfix.read(answer);
                return StandardCharsets.UTF_8.decode(answer.flip()).toString().equals("action=DUNNO\n\n");
            }
        }

        void stop() {
            fleet.close();
            server.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        brokerPort = FreePort.next();
        broker = EmbeddedBroker.start(dir.resolve("broker"), brokerPort);
        registry = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        try (var client = ConfluentSchemaRegistry.connect(registry.url(), Map.of())) {
            new SchemaAdmin(client).register();
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicAdmin(admin, 3, (short) 1).create();
        }
    }

    @AfterEach
    void stop() {
        hosts.forEach(Host::stop);
        broker.close();
        registry.close();
    }

    @Test
    void atTwentyASecondOnEachOfThreeHostsAtMostFivePassBeyondTheCeiling() throws Exception {
        given("login.messages", "240/1h");
        awaitsTogether();

        int passed = 0;
        for (int turn = 0; turn < 200; turn++) {
            for (Host host : hosts) {
                passed += host.passes("alice", host.id() + turn) ? 1 : 0;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }

        System.out.println("three hosts, 20 a second each, ceiling 240: " + passed + " passed");
        assertThat(passed).isBetween(240, 245);
    }

    @Test
    void cutOffEachCountsAloneSaysSoAndIsReconciled() throws Exception {
        given("login.messages", "10/1h");
        awaitsTogether();
        assertThat(passed(hosts.get(0), 4)).isEqualTo(4);
        Awaitility.await().atMost(PATIENCE).until(() -> elsewhere(1) && elsewhere(2));

        broker.close();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> hosts.stream()
                        .allMatch(host ->
                                host.server().problems().stream().anyMatch(problem -> problem.startsWith(ALONE))));

        assertThat(passed(hosts.get(0), 20)).isEqualTo(6);
        assertThat(passed(hosts.get(1), 20)).isEqualTo(6);

        broker = EmbeddedBroker.start(dir.resolve("broker"), brokerPort);
        awaitsTogether();
        Awaitility.await().atMost(PATIENCE).until(() -> !hosts.get(2).passes("alice", "probe" + System.nanoTime()));
        assertThat(hosts.get(2).server().problems()).isEmpty();
    }

    @Test
    void whatAHostCountedStandsThoughItIsGone() throws Exception {
        given("login.messages", "10/1h");
        awaitsTogether();
        assertThat(passed(hosts.get(0), 20)).isEqualTo(10);
        Awaitility.await().atMost(PATIENCE).until(() -> elsewhere(1));

        hosts.remove(0).stop();
        host("mx4", "login.messages", "10/1h");

        Awaitility.await().atMost(PATIENCE).until(() -> elsewhere(2));
        assertThat(passed(hosts.get(2), 1)).isZero();
    }

    @Test
    void aBrokerWhoseNameIsNotKnownYetIsTriedAgain() throws Exception {
        host("mx1", "login.messages", "10/1h");
        var unknown = new ClusterAccess(Map.of("bootstrap.servers", "broker.invalid:9092"), registry.url(), Map.of());
        var server = hosts.get(0).server();
        hosts.get(0).fleet().close();
        try (var fleet = FleetCounts.start("mx1", unknown, server)) {
            TimeUnit.SECONDS.sleep(3);
            assertThat(fleet.isTogether()).isFalse();
            assertThat(server.problems()).anyMatch(problem -> problem.startsWith(ALONE));
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .contains("postbrake-quotas-said");
        }
    }

    private boolean elsewhere(int host) {
        return hosts.get(host).server().subjectsElsewhere() == 1;
    }

    private int passed(Host host, int asked) throws IOException {
        int passed = 0;
        for (int i = 0; i < asked; i++) {
            passed += host.passes("alice", host.id() + "-" + System.nanoTime()) ? 1 : 0;
        }
        return passed;
    }

    private void awaitsTogether() {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> hosts.stream().allMatch(host -> host.fleet().isTogether()));
    }

    private void given(String key, String limit) throws IOException {
        for (String id : List.of("mx1", "mx2", "mx3")) {
            host(id, key, limit);
        }
    }

    private void host(String id, String key, String limit) throws IOException {
        Path socket = dir.resolve(id);
        String group =
                Files.readAttributes(dir, PosixFileAttributes.class).group().getName();
        var config = PolicyServerConfig.of(Settings.of(Map.of(
                "quotas", Map.of("listen", "unix:" + socket, "socket.group", group, "limits", Map.of(key, limit)))));
        var server = PolicyServer.start(config, dir.resolve(id + ".state"));
        var cluster =
                new ClusterAccess(Map.of("bootstrap.servers", "127.0.0.1:" + brokerPort), registry.url(), Map.of());
        hosts.add(new Host(id, socket, server, FleetCounts.start(id, cluster, server)));
    }
}
