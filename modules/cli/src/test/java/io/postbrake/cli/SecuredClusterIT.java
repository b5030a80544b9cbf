package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.agent.Agent;
import io.postbrake.agent.AgentConfig;
import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.RegistryProcess;
import io.postbrake.wire.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Brokers with TLS that ask clients for a certificate and a password, and grant what {@code topics acls} says; a registry with
 * TLS and a password. All that is secret is in files.
 */
@Timeout(400)
class SecuredClusterIT {

    @TempDir
    private Path dir;

    private AuthorizingBroker broker;
    private RegistryFront registry;

    @Test
    void allWorksWhileCertificatesAreReplacedAndWhoMayNotIsTold() throws Exception {
        // Given
        var first = new Certificates(dir, "first");
        var second = new Certificates(dir, "second");
        Path trust = dir.resolve("trust.pem");
        Path client = dir.resolve("client.pem");
        Path brokerTrust = dir.resolve("broker-trust.pem");
        Path brokerKey = dir.resolve("broker.pem");
        Path registryKey = dir.resolve("registry.pem");
        Certificates.trust(trust, first);
        Certificates.trust(brokerTrust, first);
        first.issue("client", client);
        first.issue("broker", brokerKey);
        first.issue("registry", registryKey);
        Files.writeString(dir.resolve("mail.log"), "");
        List<String> users = Stream.concat(
                        Stream.of(AuthorizingBroker.ADMIN),
                        Stream.of(Role.values()).map(Role::id))
                .toList();
        Map<String, String> tls = Map.of(
                "ssl.keystore.type", "PEM",
                "ssl.keystore.location", brokerKey.toString(),
                "ssl.truststore.type", "PEM",
                "ssl.truststore.location", brokerTrust.toString(),
                "ssl.client.auth", "required");
        try (var process = RegistryProcess.start(
                        Path.of(System.getProperty("apicurio.home")), dir.resolve("apicurio.log"));
                var startedBroker = AuthorizingBroker.startTls(dir.resolve("broker"), users, tls);
                var front = new RegistryFront(process.confluentUrl(), registryKey)) {
            broker = startedBroker;
            registry = front;
            LiveCluster.awaits("the admin is known", () -> says(AuthorizingBroker.ADMIN, "schemas", "register") == 0);
            assertThat(says(AuthorizingBroker.ADMIN, "topics", "create", "--partitions", "1", "--replication", "1"))
                    .isZero();
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
            try (Detector detector = detector("detector");
                    Agent agent = agent("agent")) {
                LiveCluster.awaits("the detector runs", detector::ready);
                steals("ann@example.org", "A");
                LiveCluster.awaits("ann is in the map", () -> isInMap("ann@example.org"));
                assertThat(hears("viewer", "list")).contains("ann@example.org");
                // When
                Certificates.trust(trust, first, second);
                second.issue("client", client);
                second.issue("registry", registryKey);
                second.issue("broker", brokerKey);
                Certificates.trust(brokerTrust, second);
                registry.shows(registryKey);
                broker.close();
                broker.again();
                // Then
                steals("bob@example.org", "B");
                LiveCluster.awaits("bob is in the map", () -> isInMap("bob@example.org"));
                assertThat(says(
                                "operator",
                                "block",
                                "eve@example.org",
                                "--reason",
                                "stolen",
                                "--force",
                                "--wait",
                                "60s"))
                        .as("the agent confirms an operator's word")
                        .isZero();
                broker.keeps("agent", "another-of-a-test-only");
                broker.close();
                broker.again();
                LiveCluster.awaits(
                        "the agent says that it is not let in",
                        () -> health(agent.httpPort()).contains("invalid credentials"));
                broker.keeps("agent", "of-a-test-only");
            }
            areTold();
        }
    }

    /** Whoever may not, or does not get in, is told so at once. */
    private void areTold() throws Exception {
        String rights = "topics acls";
        isTold(says("viewer", List.of("block", "dan@example.org", "--reason", "r", "--force")), rights);
        isTold(says("agent", List.of("block", "dan@example.org", "--reason", "r", "--force")), "overrides", rights);
        isTold(says("shipper", List.of("list")), "abuse.overrides.v1", rights);
        isTold(says("viewer", List.of("topics", "create", "--partitions", "1", "--replication", "1")), rights);
        isTold(
                says("operator", List.of("topics", "acls", "--role", "viewer", "--principal", "User:x", "--apply")),
                "ALTER",
                rights);
        String nowhere = dir.resolve("nowhere.pem").toString();
        String old = dir.resolve("first/ca.pem").toString();
        isTold(with("sasl.jaas.config", jaas("viewer", "wrong")), "user or password");
        isTold(with("ssl.truststore.location", old), "no TLS", "unable to find valid certification path");
        isTold(with("ssl.truststore.location", nowhere), nowhere);
        isTold(with("ssl.keystore.location", nowhere), nowhere);
        isTold(with("security.protocol", "PLAINTEXT"), "security.protocol");
        isTold(with("schema.registry.basic.auth.user.info", "postbrake:wrong"), "status 401", "how one comes in");
        isTold(with("schema.registry.ssl.truststore.location", old), "unable to find valid certification path");
        isTold(with("schema.registry.ssl.truststore.location", nowhere), nowhere);
        try (Detector detector = detector("viewer");
                Agent agent = agent("viewer")) {
            LiveCluster.awaits(
                    "the detector says what it does not see",
                    () -> health(detector.httpPort()).contains("mail.events.v1")
                            && health(detector.httpPort()).contains(rights));
            LiveCluster.awaits(
                    "the agent says what it may not",
                    () -> health(agent.httpPort()).contains("policy-sink-mx1 is FAILED")
                            && health(agent.httpPort()).contains("Authorization"));
        }
    }

    private static void isTold(LiveCluster.Said said, String... words) {
        assertThat(said.status()).as(said.err()).isNotZero();
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains(words).doesNotContain("of-a-test-only").hasLineCount(1);
    }

    private static String health(int port) {
        return CommandProcess.get(port, "/health").text();
    }

    private LiveCluster.Said says(String user, List<String> words) {
        return run(user, words.toArray(String[]::new));
    }

    /** What a viewer is told whose file says one thing otherwise. */
    private LiveCluster.Said with(String key, String value) throws IOException {
        return LiveCluster.says(
                "list", "--config", write("odd", "viewer", Map.of(key, value)).toString());
    }

    private Detector detector(String user) throws IOException {
        Path yaml =
                Files.writeString(dir.resolve("detector.yaml"), """
                client.file: %s
                state.dir: %s
                partitions: 1
                http.port: 0
                """.formatted(client(user), dir.resolve("detector")));
        return Detector.start(DetectorConfig.read(yaml));
    }

    private Agent agent(String user) throws IOException {
        Path yaml = Files.writeString(dir.resolve("agent.yaml"), """
                host.id: mx1
                client.file: %s
                state.dir: %s
                http.port: 0
                source: {log.paths: ['%s']}
                enforcer: {policy.map.path: '%s', policy.postfix.config.directories: []}
                """.formatted(
                        client(user), dir.resolve("agent"), dir.resolve("mail.log"), dir.resolve("blocked.lmdb")));
        return Agent.start(AgentConfig.read(yaml, null));
    }

    /** A file with which a process is this user. */
    private Path client(String user) throws IOException {
        return write(user, user, Map.of());
    }

    private Path write(String name, String user, Map<String, String> others) throws IOException {
        Map<String, String> all = new HashMap<>(broker.client(user));
        all.put("security.protocol", "SASL_SSL");
        all.put("schema.registry.url", registry.url());
        all.put("schema.registry.basic.auth.credentials.source", "USER_INFO");
        all.put("schema.registry.basic.auth.user.info", RegistryFront.USER + ":" + RegistryFront.PASSWORD);
        all.put("ssl.keystore.type", "PEM");
        all.put("ssl.keystore.location", dir.resolve("client.pem").toString());
        for (String prefix : List.of("", "schema.registry.")) {
            all.put(prefix + "ssl.truststore.type", "PEM");
            all.put(prefix + "ssl.truststore.location", dir.resolve("trust.pem").toString());
        }
        all.putAll(others);
        var text = new StringBuilder();
        all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return Files.writeString(dir.resolve(name + ".properties"), text);
    }

    private static String jaas(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + password + "\";";
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

    /** An account sends 60 messages within six minutes. */
    private void steals(String account, String queue) throws IOException {
        var lines = new StringBuilder();
        Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(400);
        for (int i = 0; i < 60; i++) {
            String head = start.plusSeconds(6L * i).toString().replace("Z", "+00:00") + " mx postfix/";
            String id = queue + (1000 + i) + "13B35D: ";
            lines.append(head)
                    .append("submission/smtpd[188]: " + id + "client=unknown[192.0.2.77], sasl_method=PLAIN,")
                    .append(" sasl_username=" + account + "\n")
                    .append(head)
                    .append("qmgr[944]: " + id + "from=<" + account + ">, size=18836, nrcpt=1 (queue active)\n");
        }
        Files.write(
                dir.resolve("mail.log"),
                lines.toString().getBytes(StandardCharsets.US_ASCII),
                StandardOpenOption.APPEND);
    }
}
