package io.postbrake.benchmarks.pipeline;

import io.postbrake.benchmarks.pipeline.Spawned.Usage;
import io.postbrake.policysink.PolicyMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A running Postbrake: its processes, the log that it reads and the map that it writes. */
final class Installation implements AutoCloseable {
    private static final Pattern BROKER = Pattern.compile("(?m)^broker (\\S+)");
    private static final Pattern REGISTRY = Pattern.compile("(?m)^registry (\\S+)");
    private static final int PARTITIONS = 4;

    private final Build build;
    private final Path dir;
    private final Path log;
    private final Path map;
    private final Map<String, Spawned> processes = new LinkedHashMap<>();
    private @Nullable String brokers;

    private Installation(Build build, Path dir) throws IOException {
        this.build = build;
        this.dir = Files.createDirectories(dir);
        log = Files.createFile(dir.resolve("mail.log"));
        map = dir.resolve("blocked.lmdb");
    }

    /** One machine in one process: {@code postbrake up}, which blocks from the start. */
    static Installation up(Build build, Path dir) throws IOException, InterruptedException {
        return begun(new Installation(build, dir), made -> {
            String one = "host: mx1\nlog: " + made.log + "\nmap: " + made.map + "\ndata: " + dir.resolve("data");
            // A build that does not watch first has no word against it.
            Path blocking = made.file("up", one + "\nwatch: 0d");
            Path config = build.takes(blocking) ? blocking : made.file("up", one);
            made.begin("up", List.of("up", "--config=" + config));
        });
    }

    /** A fleet of one host: broker with registry, agent, enforcer and detector, a process each. */
    static Installation fleet(Build build, Path dir) throws IOException, InterruptedException {
        return begun(new Installation(build, dir), made -> {
            Spawned broker = Spawned.java("broker", dir, BrokerProcess.class.getName(), dir.toString());
            made.processes.put("broker", broker);
            made.await("the broker", () -> broker.heard(REGISTRY) != null);
            made.brokers = broker.heard(BROKER);
            String registry = broker.heard(REGISTRY);
            String[] where = {"--bootstrap=" + made.brokers, "--registry=" + registry};
            build.says("topics", "create", "--partitions=" + PARTITIONS, "--replication=1", where[0], where[1]);
            build.says("schemas", "register", where[0], where[1]);
            // The mix sends an hour's mail in seconds, which a build with a brake takes for a fault of its own.
            String brake = build.takes(made.file("brake", "brake.enabled: false"))
                    ? "\ndetection: {brake.enabled: false}"
                    : "";
            made.part("detector", "partitions: " + PARTITIONS + "\nconsole: {port: -1}" + brake, registry);
            made.part("agent", "host.id: mx1\nsource: {log.paths: [\"" + made.log + "\"]}", registry);
            made.part(
                    "enforcer",
                    "host.id: mx1\nenforcer: {policy.map.path: \"" + made.map
                            + "\", policy.postfix.config.directories: [], errors.deadletterqueue.topic.replication.factor: 1}",
                    registry);
        });
    }

    private interface Begin {
        void begin(Installation made) throws IOException, InterruptedException;
    }

    private static Installation begun(Installation made, Begin how) throws IOException, InterruptedException {
        try {
            how.begin(made);
            made.await("the map", () -> Files.exists(made.map));
            return made;
        } catch (IOException | InterruptedException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void part(String name, String settings, @Nullable String registry) throws IOException {
        Path config = file(
                name,
                "kafka: {bootstrap.servers: \"%s\"}\nregistry: {url: \"%s\"}\nstate.dir: %s\nhttp.port: -1\n%s"
                        .formatted(brokers, registry, dir.resolve("state-" + name), settings));
        begin(name, List.of(name.equals("detector") ? "detector" : "agent", "--config=" + config));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name + ".yaml"), text + "\n");
    }

    private void begin(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(build.launcher().toString()));
        command.addAll(arguments);
        processes.put(name, Spawned.start(name, dir, command));
    }

    /** Appends to the log. */
    void append(byte[] lines) throws IOException {
        Files.write(log, lines, StandardOpenOption.APPEND);
    }

    /** Whether the account's mail is refused now. */
    boolean blocks(String account) {
        return PolicyMap.read(map, account).isPresent();
    }

    /** Address of the fleet's brokers; null of one machine, whose broker is closed to others. */
    @Nullable
    String brokers() {
        return brokers;
    }

    /** Of each process, by its name. */
    Map<String, Usage> usage() throws IOException {
        Map<String, Usage> all = new LinkedHashMap<>();
        for (Spawned process : processes.values()) {
            all.put(process.name(), process.usage());
        }
        return all;
    }

    /** Waits until the processes do next to nothing for two seconds. */
    void quiet() throws IOException, InterruptedException {
        Waiting.calm("what runs in " + dir, this::cpu);
    }

    private double cpu() throws IOException {
        return usage().values().stream().mapToDouble(Usage::cpu).sum();
    }

    /** Waits, looking every two milliseconds; nobody waits for what will never come. */
    void await(String what, Waiting.Condition condition) throws IOException, InterruptedException {
        Waiting.until(what + ": see " + dir, 2, () -> {
            for (Spawned process : processes.values()) {
                if (!process.runs()) {
                    throw new IllegalStateException(process.name() + " ended by itself: see " + process.output());
                }
            }
            return condition.holds();
        });
    }

    @Override
    public void close() {
        List<Spawned> all = new ArrayList<>(processes.values());
        // The broker goes last: who leaves tells it.
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
    }
}
