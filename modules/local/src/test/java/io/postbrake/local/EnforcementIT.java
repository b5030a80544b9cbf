package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
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
    /** Medians that must hold on a busy machine too. */
    private static final double BUSY_MS = 1000;

    @TempDir
    private Path dir;

    private EnforcedFleet fleet;

    @BeforeEach
    void start() throws IOException {
        fleet = EnforcedFleet.start(dir);
    }

    @AfterEach
    void stop() throws Exception {
        fleet.close();
    }

    /** For a machine that is busy; {@link EnforcementMeasuredIT} holds the bound over postmap on a quiet one. */
    @Test
    void aBlockReachesAnOpenSessionAndIsConfirmedByTheHostsOwnLog() throws Exception {
        RefusalTrials trials = fleet.refusals(TRIALS);

        System.out.println(trials.summary());
        assertThat(RefusalTrials.p50(trials.ours())).isLessThan(BUSY_MS);
        Operator.awaits(
                "each block is confirmed by the host's own log",
                () -> reports().stream().filter(r -> r.getRefusedAt() != null).count() >= TRIALS);
    }

    @Test
    void eightHostsRefuseWithinASecondOfTheDecision() throws Exception {
        HostTrials trials = fleet.hosts(HOSTS, 10);

        System.out.println(trials.summary());
        assertThat(trials.p50()).isLessThan(BUSY_MS);
    }

    @Test
    void onlyWhatIsCommittedCountsAndALostMapOrALongAbsenceIsMadeGood() throws Exception {
        Path map = Files.createDirectories(dir.resolve("policy")).resolve("blocked.lmdb");
        try (Enforcers enforcers = fleet.enforcers()) {
            enforcers.run("mx1", map, Map.of());
            fleet.decisions.blocked("first@my-domain.net", "reject");
            fleet.decisions.aborted("aborted@my-domain.net");
            fleet.decisions.blocked("second@my-domain.net", "reject");
            awaitOnly(map, "first@my-domain.net", "second@my-domain.net");
            awaitCommitted("connect-policy-sink-mx1");
        }
        Files.delete(map);
        try (Enforcers enforcers = fleet.enforcers()) {
            enforcers.run("mx1", map, Map.of());
            awaitOnly(map, "first@my-domain.net", "second@my-domain.net");
        }
        // While the host is away a block is lifted, and compaction takes block and tombstone.
        fleet.decisions.lifted("first@my-domain.net");
        var partition = new TopicPartition(Topics.BLOCKS.name(), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.cluster.bootstrap()))) {
            cleanup(admin, "delete"); // Records of a compacted topic cannot be deleted.
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
            cleanup(admin, "compact");
        }
        fleet.decisions.blocked("third@my-domain.net", "reject");
        assertThat(PolicyMap.read(map, "first@my-domain.net")).isPresent();
        try (Enforcers enforcers = fleet.enforcers()) {
            enforcers.run("mx1", map, Map.of());
            awaitOnly(map, "third@my-domain.net");
        }
        assertThat(reports()).noneMatch(r -> "aborted@my-domain.net".equals(r.getSubject()));
    }

    /** Until the enforcer of this group has committed that it read the last block; behind that is the end of its transaction. */
    private void awaitCommitted(String group) throws Exception {
        var partition = new TopicPartition(Topics.BLOCKS.name(), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.cluster.bootstrap()))) {
            long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                OffsetAndMetadata committed = admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(partition);
                return committed != null && committed.offset() >= end - 1;
            });
        }
    }

    /** Order within a topic is kept, so that what comes behind the record waits with it. */
    @Test
    void whileARecordWaitsForTheRegistryBlocksEndAndTheHostSaysSo() throws Exception {
        Path map = Files.createDirectories(dir.resolve("policy")).resolve("blocked.lmdb");
        try (Enforcers enforcers = fleet.enforcers()) {
            enforcers.run("mx1", map, Map.of());
            Block known = Decisions.block("known@my-domain.net", "reject");
            known.setEndsAt(known.getDecidedAt().plusSeconds(12));
            fleet.cluster.send(Topics.BLOCKS, "sasl_user:known@my-domain.net", known);
            awaitOnly(map, "known@my-domain.net");

            fleet.cluster.gate.set(RegistryGate.Mode.REFUSED);
            fleet.cluster.sendBytes(
                    Topics.BLOCKS.name(), "sasl_user:new@my-domain.net", ofANewerSchema("new@my-domain.net"));
            fleet.cluster.flush();
            awaitOnly(map);
            Operator.awaits(
                    "the host says that it cannot read",
                    Duration.ofSeconds(60),
                    () -> reports().stream()
                            .anyMatch(r ->
                                    r.getProblem() != null && r.getProblem().contains("registry")));

            fleet.cluster.gate.set(RegistryGate.Mode.OPEN);
            awaitOnly(map, "new@my-domain.net");
            Operator.awaits(
                    "the host is well again",
                    () -> reports().stream()
                            .filter(r -> r.getKind().equals("host"))
                            .reduce((first, last) -> last)
                            .map(r -> r.getProblem() == null)
                            .orElse(false));
        }
        assertThat(fleet.cluster.deadLetters()).isEmpty();
    }

    /** A record as a later version would write it, with one more field that is null. */
    private byte[] ofANewerSchema(String account) {
        Schema today = Topics.BLOCKS.schema();
        List<Schema.Field> fields = new ArrayList<>();
        today.getFields().forEach(f -> fields.add(new Schema.Field(f, f.schema())));
        Schema text = Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
        fields.add(new Schema.Field("later", text, "A field of a later version.", Schema.Field.NULL_DEFAULT_VALUE));
        Schema newer = Schema.createRecord(today.getName(), today.getDoc(), today.getNamespace(), false, fields);
        int id = fleet.cluster.registry().register(Topics.BLOCKS.subject(), newer);
        byte[] old = fleet.cluster.bytes(Topics.BLOCKS, Decisions.block(account, "reject"));
        return ByteBuffer.allocate(old.length + 1)
                .put(old)
                .put((byte) 0)
                .putInt(1, id)
                .array();
    }

    @Test
    void anUnblockCountsAlthoughNoDetectorRunsAndHeldMailIsReleased() throws Exception {
        PostfixHost postfix = fleet.postfix("mx1");
        postfix.account("alice", "secret");
        postfix.setting("defer_transports", "discard");
        fleet.enforced(postfix);
        try (SmtpSession session = postfix.login(ALICE, "secret")) {
            int sent = 0;
            while (sent < 3) {
                assertThat(accepts(session)).isTrue();
                sent++;
            }
            Block block = fleet.decisions.blocked(ALICE, "reject");
            while (accepts(session)) {
                sent++; // Not in force yet: held all the same.
            }
            int all = sent;
            Operator.awaits("held", () -> queue().getHeld() == all);
            assertThat(queue().getQueueIds()).hasSize(Math.min(100, all));

            long from = System.nanoTime();
            fleet.decisions.said("unblock", ALICE);
            while (!accepts(session)) {
                assertThat(System.nanoTime() - from).isLessThan(20_000_000_000L);
            }
            double millis = (System.nanoTime() - from) / 1e6;
            System.out.printf("unblock to acceptance, no detector: %.0f ms%n", millis);
            assertThat(millis).isLessThan(5 * BUSY_MS); // One trial only.

            fleet.decisions.saidOfQueue("release", ALICE);
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
        return fleet.cluster.read(Topics.ENFORCEMENT);
    }

    private static void awaitOnly(Path map, String... accounts) throws InterruptedException {
        Operator.awaits(
                "only " + List.of(accounts),
                () -> Files.exists(map) && entries(map).keySet().equals(Set.of(accounts)));
    }

    /** What Postfix's own tool finds in a map. */
    static Map<String, String> entries(Path map) {
        try {
            return PostfixCommands.run(
                            List.of("postmap", "-s", "lmdb:" + map.toString().replaceFirst("\\.lmdb$", "")), "")
                    .lines()
                    .map(line -> line.split("\t", 2))
                    .collect(Collectors.toMap(e -> e[0], e -> e[1]));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
