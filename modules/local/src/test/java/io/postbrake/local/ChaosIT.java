package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.agent.Agent;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.Report;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.TopicAdmin;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Enforcers and the broker are killed at random while accounts are blocked and unblocked. What Postfix would answer is
 * asked of its own postmap(1), which takes the same locks.
 */
@Timeout(900)
class ChaosIT {

    private static final List<String> HOSTS = List.of("mx1", "mx2");
    private static final int ACCOUNTS = 60;

    @TempDir
    private Path dir;

    private final Random random = new Random(20_260_301);
    private final Map<String, JavaProcess> running = new ConcurrentHashMap<>();
    /** The block that stands for an account, until somebody begins to lift it. */
    private final Map<String, String> standing = new ConcurrentHashMap<>();
    /** Block ids that a host has confirmed. */
    private final Map<String, Set<String>> confirmed = new ConcurrentHashMap<>();

    private final List<String> letIn = new CopyOnWriteArrayList<>();
    private EmbeddedRegistry registryServer;
    private ConfluentSchemaRegistry registry;
    private int brokerPort;
    private Decisions decisions;
    private volatile boolean over;
    private final Map<String, Integer> kills = new ConcurrentSkipListMap<>();
    private int looks;

    @BeforeEach
    void start() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no postmap with LMDB here: " + missing.orElseThrow());
        brokerPort = JavaProcess.freePort();
        registryServer = EmbeddedRegistry.start(dir.resolve("registry.json"), 0);
        registry = ConfluentSchemaRegistry.connect(registryServer.url(), Map.of());
        new SchemaAdmin(registry).register();
        start("broker");
        Operator.awaits("the broker", Duration.ofSeconds(180), this::brokerListens);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            new TopicAdmin(admin, 1, (short) 1).create();
        }
        decisions = new Decisions(bootstrap(), registry);
        for (String host : HOSTS) {
            confirmed.put(host, ConcurrentHashMap.newKeySet());
            start(host);
        }
        for (String host : HOSTS) {
            Operator.awaits("the map of " + host, Duration.ofSeconds(180), () -> Files.exists(map(host)));
        }
    }

    @AfterEach
    void stop() throws Exception {
        over = true;
        for (JavaProcess process : running.values()) {
            process.close();
        }
        if (decisions != null) {
            decisions.close();
            registry.close();
            registryServer.close();
        }
    }

    @Test
    void mapsAndTopicAgreeAfterSomeKills() throws Exception {
        System.out.println(chaos(200, 3, 60));
    }

    @Test
    @Tag("soak")
    void mapsAndTopicAgreeAfterManyKills() throws Exception {
        String seen = chaos(2000, 25, 80);

        Report.write(
                "chaos.md",
                "Kills during blocks and unblocks",
                List.of(
                        "Two enforcers, each a process of its own with its host's map, and the broker are killed (SIGKILL) at"
                                + " random moments and started again, while blocks are set in transactions and lifted by"
                                + " tombstones or by operators' words. All the while Postfix's own `postmap -q` is asked for"
                                + " every account whose block its host has confirmed; one that it does not know would be let"
                                + " in. At the end each map is compared with both topics, read anew: the same accounts, each"
                                + " with its block's action and reference (`ChaosIT`).",
                        "",
                        seen));
    }

    /** What was seen, as a sentence. */
    private String chaos(int operations, int leastKills, int pauseMs) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        Future<?> killer = threads.submit(() -> kill(leastKills));
        Future<?> follower = threads.submit(this::followConfirmations);
        Future<?> looker = threads.submit(this::look);
        for (int i = 0; i < operations || !killer.isDone(); i++) {
            operation();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(2 * pauseMs));
        }
        killer.get();
        Map<String, String> topics = WhatTopicsSay.of(bootstrap(), registry);
        assertThat(topics.keySet()).isEqualTo(standing.keySet());
        for (String host : HOSTS) {
            Operator.awaits(
                    host + " agrees with the topics",
                    Duration.ofSeconds(120),
                    () -> WhatTopicsSay.agrees(EnforcementIT.entries(map(host)), topics));
        }
        over = true;
        looker.get();
        follower.get();
        threads.shutdownNow();
        int confirmations = confirmed.values().stream().mapToInt(Set::size).sum();
        assertThat(letIn).isEmpty();
        assertThat(kills.values().stream().mapToInt(n -> n).sum()).isGreaterThanOrEqualTo(leastKills);
        assertThat(confirmations).isGreaterThan(operations / 4);
        assertThat(looks).isGreaterThan(10);
        return String.format(
                Locale.ROOT,
                "%,d operations, kills %s, %,d confirmations, %,d looks at all confirmed blocks of a host, %d let in; at the end"
                        + " %d accounts are blocked, and topics and maps of %d hosts agree.",
                operations,
                kills,
                confirmations,
                looks,
                letIn.size(),
                topics.size(),
                HOSTS.size());
    }

    private void operation() throws Exception {
        String account = "user" + random.nextInt(ACCOUNTS) + "@my-domain.net";
        boolean lift = standing.containsKey(account);
        boolean byOperator = random.nextBoolean();
        if (lift) {
            standing.remove(account);
        }
        for (; ; ) {
            try {
                if (!lift) {
                    Block block = decisions.blocked(account, random.nextBoolean() ? "reject" : "hold");
                    standing.put(account, block.getBlockId().toString());
                } else if (byOperator) {
                    decisions.said("unblock", account);
                    TimeUnit.MILLISECONDS.sleep(2); // Later evidence must be later.
                } else {
                    decisions.lifted(account);
                }
                return;
            } catch (KafkaException | ExecutionException e) {
                decisions.close();
                decisions = again();
            }
        }
    }

    private Decisions again() throws InterruptedException {
        for (; ; ) {
            try {
                return new Decisions(bootstrap(), registry);
            } catch (KafkaException e) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    private Void kill(int times) throws Exception {
        List<String> victims = new ArrayList<>(HOSTS);
        victims.add("broker");
        var dice = new Random(7);
        for (int i = 0; i < times; i++) {
            TimeUnit.MILLISECONDS.sleep(1500 + dice.nextInt(2500));
            String victim = i < victims.size() ? victims.get(i) : victims.get(dice.nextInt(victims.size()));
            running.get(victim).kill();
            kills.merge(victim, 1, Integer::sum);
            TimeUnit.MILLISECONDS.sleep(dice.nextInt(1000));
            start(victim);
        }
        return null;
    }

    private Void followConfirmations() {
        var partition = new TopicPartition(Topics.ENFORCEMENT.name(), 0);
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap()),
                new StringDeserializer(),
                WireSerde.of(registry, EnforcementReport.class).deserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (!over) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    EnforcementReport report = record.value();
                    if (report != null && report.getKind().equals("block") && report.getLiftedAt() == null) {
                        confirmed.get(report.getHostId()).add(report.getBlockId());
                    }
                });
            }
        }
        return null;
    }

    private Void look() throws Exception {
        while (!over) {
            for (String host : HOSTS) {
                Map<String, String> expected = new HashMap<>();
                standing.forEach((account, block) -> {
                    if (confirmed.get(host).contains(block)) {
                        expected.put(account, block);
                    }
                });
                if (expected.isEmpty()) {
                    continue;
                }
                Set<String> missing = new HashSet<>(expected.keySet());
                missing.removeAll(answered(map(host), expected.keySet()));
                for (String account : missing) {
                    if (expected.get(account).equals(standing.get(account))) {
                        letIn.add(account + " on " + host);
                    }
                }
                looks++;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return null;
    }

    private static Set<String> answered(Path map, Set<String> accounts) throws IOException {
        String table = "lmdb:" + map.toString().replaceFirst("\\.lmdb$", "");
        return PostfixCommands.run(List.of("postmap", "-q", "-", table), String.join("\n", accounts) + "\n")
                .lines()
                .map(line -> line.split("\t")[0])
                .collect(Collectors.toSet());
    }

    private void start(String name) throws IOException {
        Path output = dir.resolve(name + ".out");
        if (name.equals("broker")) {
            running.put(
                    name,
                    JavaProcess.start(
                            output,
                            JavaProcess.Broker.class,
                            dir.resolve("broker").toString(),
                            Integer.toString(brokerPort)));
            return;
        }
        Path config = Files.writeString(dir.resolve(name + ".yaml"), """
                host.id: %s
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                state.dir: %s
                enforcer:
                  policy.map.path: %s
                  policy.postfix.config.directories: []
                  errors.deadletterqueue.topic.replication.factor: 1
                http.port: -1
                """.formatted(
                        name, bootstrap(), registryServer.url(), dir.resolve(name + "-state"), map(name)));
        Files.createDirectories(map(name).getParent());
        running.put(name, JavaProcess.start(output, Agent.class, "--config", config.toString()));
    }

    private boolean brokerListens() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), brokerPort)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private String bootstrap() {
        return "127.0.0.1:" + brokerPort;
    }

    private Path map(String host) {
        return dir.resolve(host + "-policy/blocked.lmdb");
    }
}
