package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Decisions on a real broker, enforced on real Postfix hosts; no detector runs. */
@Timeout(240)
class EnforcementIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final int TRIALS = 30;
    private static final int HOSTS = 8;
    /** What a machine may take that is busy with ten other things; the figures are printed. */
    private static final double BUSY_MS = 10_000;

    @TempDir
    private Path dir;

    private Cluster cluster;
    private Decisions decisions;
    private final List<AutoCloseable> parts = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        cluster = Cluster.start(dir.resolve("cluster"));
        decisions = new Decisions(cluster.bootstrap(), cluster.registry());
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
        decisions.close();
        cluster.close();
    }

    /** The bounds of 25 ms over postmap and of a second are for a quiet machine: the measurement holds the first. */
    @Test
    void aBlockReachesAnOpenSessionAboutAsSoonAsPostmapWould() throws Exception {
        PostfixHost postfix = postfix("mx1");
        for (int i = 0; i < TRIALS; i++) {
            postfix.account("ours" + i, "secret");
            postfix.account("theirs" + i, "secret");
        }
        Enforcers enforcers = enforcers();
        enforcers.run("mx1", postfix);
        mapIsThere(postfix);
        postfix.start();

        var trials = new RefusalTrials(postfix, decisions);
        trials.run(TRIALS);

        System.out.println(trials.summary());
        assertThat(RefusalTrials.p50(trials.ours())).isLessThan(RefusalTrials.p50(trials.postmap()) + 250);
        Operator.awaits(
                "each block is confirmed by the host's own log",
                () -> reports().stream().filter(r -> r.getRefusedAt() != null).count() >= TRIALS);
    }

    @Test
    void eightHostsRefuseSoonAfterTheDecision() throws Exception {
        List<PostfixHost> hosts = new ArrayList<>();
        for (int i = 0; i < HOSTS; i++) {
            PostfixHost host = postfix("mx" + i);
            host.account("alice", "secret");
            hosts.add(host);
        }
        Enforcers enforcers = enforcers();
        for (int i = 0; i < HOSTS; i++) {
            enforcers.run("mx" + i, hosts.get(i));
        }
        List<SmtpSession> sessions = new ArrayList<>();
        for (PostfixHost host : hosts) {
            mapIsThere(host);
            host.start();
            SmtpSession session = host.login(ALICE, "secret");
            parts.add(session);
            sessions.add(session);
            assertThat(session.send(ALICE, "x@example.com")).startsWith("250");
        }
        List<Double> slowest = new ArrayList<>();
        for (int trial = 0; trial < 10; trial++) {
            long from = System.nanoTime();
            decisions.blocked(ALICE, "reject");
            Set<SmtpSession> open = new HashSet<>(sessions);
            while (!open.isEmpty()) {
                for (SmtpSession session : List.copyOf(open)) {
                    if (session.send(ALICE, "x@example.com").startsWith("554")) {
                        open.remove(session);
                    }
                }
                assertThat(System.nanoTime() - from).as("it takes for ever").isLessThan(20_000_000_000L);
            }
            slowest.add((System.nanoTime() - from) / 1e6);
            decisions.lifted(ALICE);
            for (PostfixHost host : hosts) {
                Operator.awaits(
                        "lifted", () -> PolicyMap.read(host.map(), ALICE).isEmpty());
            }
        }
        slowest.sort(null);
        System.out.printf(
                "decision to refusal on the last of %d hosts, 10 trials: p50 %.0f ms, worst %.0f ms%n",
                HOSTS, slowest.get(5), slowest.get(9));
        assertThat(slowest.get(5)).isLessThan(BUSY_MS);
    }

    @Test
    void onlyWhatIsCommittedCountsAndALostMapOrALongAbsenceIsMadeGood() throws Exception {
        Path map = Files.createDirectories(dir.resolve("policy")).resolve("blocked.lmdb");
        try (Enforcers enforcers = new Enforcers(cluster.bootstrap(), registryUrl(), dir.resolve("offsets"))) {
            enforcers.run("mx1", map, Map.of());
            decisions.blocked("first@my-domain.net", "reject");
            decisions.aborted("aborted@my-domain.net");
            decisions.blocked("second@my-domain.net", "reject");
            awaitOnly(map, "first@my-domain.net", "second@my-domain.net");
            TimeUnit.MILLISECONDS.sleep(1500); // Until offsets are committed.
        }
        Files.delete(map);
        try (Enforcers enforcers = new Enforcers(cluster.bootstrap(), registryUrl(), dir.resolve("offsets"))) {
            enforcers.run("mx1", map, Map.of());
            awaitOnly(map, "first@my-domain.net", "second@my-domain.net");
        }
        // While the host is away a block is lifted, and compaction takes block and tombstone.
        decisions.lifted("first@my-domain.net");
        var partition = new TopicPartition(Topics.BLOCKS.name(), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            cleanup(admin, "delete"); // Records of a compacted topic cannot be deleted.
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
            cleanup(admin, "compact");
        }
        decisions.blocked("third@my-domain.net", "reject");
        assertThat(PolicyMap.read(map, "first@my-domain.net")).isPresent();
        try (Enforcers enforcers = new Enforcers(cluster.bootstrap(), registryUrl(), dir.resolve("offsets"))) {
            enforcers.run("mx1", map, Map.of());
            awaitOnly(map, "third@my-domain.net");
        }
        assertThat(reports()).noneMatch(r -> "aborted@my-domain.net".equals(r.getSubject()));
    }

    @Test
    void anUnblockCountsAlthoughNoDetectorRunsAndHeldMailIsReleased() throws Exception {
        PostfixHost postfix = postfix("mx1");
        postfix.account("alice", "secret");
        postfix.setting("defer_transports", "discard");
        Enforcers enforcers = enforcers();
        enforcers.run("mx1", postfix);
        mapIsThere(postfix);
        postfix.start();
        try (SmtpSession session = postfix.login(ALICE, "secret")) {
            int sent = 0;
            while (sent < 3) {
                assertThat(accepts(session)).isTrue();
                sent++;
            }
            Block block = decisions.blocked(ALICE, "reject");
            while (accepts(session)) {
                sent++; // Not in force yet: held all the same.
            }
            int all = sent;
            Operator.awaits("held", () -> queue().getHeld() == all);
            assertThat(queue().getQueueIds()).hasSize(Math.min(100, all));

            long from = System.nanoTime();
            decisions.said("unblock", ALICE);
            while (!accepts(session)) {
                assertThat(System.nanoTime() - from).isLessThan(20_000_000_000L);
            }
            double millis = (System.nanoTime() - from) / 1e6;
            System.out.printf("unblock to acceptance, no detector: %.0f ms%n", millis);
            assertThat(millis).isLessThan(BUSY_MS);

            decisions.saidOfQueue("release", ALICE);
            Operator.awaits("released", () -> queue().getHeld() == 0 && queue().getReleased() == all);
            Operator.awaits(
                    "confirmed and lifted",
                    () -> reports().stream()
                            .anyMatch(r -> block.getBlockId().toString().equals(r.getBlockId())
                                    && r.getRefusedAt() != null
                                    && r.getLiftedAt() != null));
        }
    }

    private static void cleanup(Admin admin, String policy) throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.BLOCKS.name());
        var set = new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
    }

    private EnforcementReport queue() {
        return reports().stream()
                .filter(r -> r.getKind().equals("queue"))
                .reduce((first, last) -> last)
                .orElseGet(() -> EnforcementReport.newBuilder()
                        .setHostId("nobody")
                        .setKind("queue")
                        .setAt(Instant.EPOCH)
                        .build());
    }

    private static boolean accepts(SmtpSession session) {
        try {
            return session.send(ALICE, "x@example.com").startsWith("250");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<EnforcementReport> reports() {
        return cluster.read(Topics.ENFORCEMENT);
    }

    private String registryUrl() {
        return cluster.gate.url();
    }

    private Enforcers enforcers() {
        var enforcers = new Enforcers(cluster.bootstrap(), registryUrl(), dir.resolve("offsets"));
        parts.add(enforcers);
        return enforcers;
    }

    private PostfixHost postfix(String name) throws IOException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        PostfixHost host = PostfixHost.create(name);
        parts.add(host);
        return host;
    }

    private static void mapIsThere(PostfixHost host) throws InterruptedException {
        Operator.awaits("the map of " + host.map(), Duration.ofSeconds(60), () -> Files.exists(host.map()));
    }

    private static void awaitOnly(Path map, String... accounts) throws InterruptedException {
        Operator.awaits(
                "only " + List.of(accounts),
                () -> Files.exists(map) && keys(map).equals(Set.of(accounts)));
    }

    static Set<String> keys(Path map) {
        try {
            return PostfixCommands.run(
                            List.of("postmap", "-s", "lmdb:" + map.toString().replaceFirst("\\.lmdb$", "")), "")
                    .lines()
                    .map(line -> line.substring(0, line.indexOf('\t')))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
