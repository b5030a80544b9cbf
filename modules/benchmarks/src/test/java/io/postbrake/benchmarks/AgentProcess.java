package io.postbrake.benchmarks;

import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An agent as its launcher starts it, on one Java runtime. */
final class AgentProcess implements AutoCloseable {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final Path log;
    private final int port;
    private final long startedAt;
    private final HttpClient http = HttpClient.newHttpClient();

    private AgentProcess(Process process, Path log, int port, long startedAt) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.startedAt = startedAt;
    }

    /**
     * Starts it with state of its own.
     *
     * @param launcher {@code bin/postbrake-agent} of an unpacked archive
     * @param dir empty folder for its files
     */
    static AgentProcess start(Path launcher, Path javaHome, String brokers, String registry, Path dir)
            throws IOException {
        int port = FreePort.next();
        Files.createDirectories(dir.resolve("map"));
        Path mail = Files.createFile(dir.resolve("mail.log"));
        Path yaml = Files.writeString(dir.resolve("agent.yaml"), """
                host.id: mx1
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                state.dir: %s
                source: {log.paths: ["%s"]}
                enforcer:
                  policy.map.path: %s
                  policy.postfix.config.directories: []
                  errors.deadletterqueue.topic.replication.factor: 1
                http.port: %d
                """.formatted(
                        brokers, registry, dir.resolve("state"), mail, dir.resolve("map/blocked.lmdb"), port));
        Path log = dir.resolve("agent.log");
        var builder = new ProcessBuilder(launcher.toString(), "--config", yaml.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        long now = System.nanoTime();
        return new AgentProcess(builder.start(), log, port, now);
    }

    /** Milliseconds from the start until the agent says that it is ready. */
    long readyMillis() throws Exception {
        return until(() -> http.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                                        .build(),
                                BodyHandlers.discarding())
                        .statusCode()
                == 200);
    }

    /** Milliseconds from the start until the map agrees with the topics. */
    long caughtUpMillis() throws Exception {
        return until(() -> Files.readString(log).contains("agrees with the topics"));
    }

    /** A figure of {@code /proc/PID/FILE} in kB, such as VmRSS of status. */
    long kilobytes(String file, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), file)).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Processor time so far. */
    long cpuMillis() {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    /** Milliseconds that it took to end after SIGTERM. */
    long ends() throws InterruptedException {
        long before = System.nanoTime();
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the agent does not end");
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private long until(Condition condition) throws Exception {
        while (!holds(condition)) {
            if (!process.isAlive() || System.nanoTime() - startedAt > PATIENCE) {
                throw new AssertionError(log());
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
    }

    private static boolean holds(Condition condition) throws Exception {
        try {
            return condition.holds();
        } catch (IOException e) {
            return false; // It does not listen yet.
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
