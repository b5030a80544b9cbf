package io.postbrake.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A third party's schema registry (Apicurio) as a process of its own on loopback, its schemas in memory. */
public final class RegistryProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process server;
    private final String base;

    private RegistryProcess(Process server, String base) {
        this.server = server;
        this.base = base;
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param home where the distribution was unpacked
     * @param log file for what it says
     */
    public static RegistryProcess start(Path home, Path log) throws IOException, InterruptedException {
        int port;
        int management;
        try (ServerSocket one = loopback();
                ServerSocket two = loopback()) {
            port = one.getLocalPort();
            management = two.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + management,
                        "-jar",
                        runner(home).toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var registry = new RegistryProcess(server, "http://127.0.0.1:" + port);
        try {
            registry.awaitReady(log);
        } catch (IOException | InterruptedException | RuntimeException e) {
            registry.close();
            throw e;
        }
        return registry;
    }

    /** Address that speaks as Confluent's registry does. */
    public String confluentUrl() {
        return base + "/apis/ccompat/v7";
    }

    /** Address for Apicurio's own clients. */
    public String nativeUrl() {
        return base + "/apis/registry/v3";
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    }

    private static Path runner(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home, 3)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no registry is unpacked in " + home));
        }
    }

    private void awaitReady(Path log) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(confluentUrl() + "/subjects")).build();
        HttpClient http = HttpClient.newHttpClient();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (server.isAlive() && System.nanoTime() < end) {
            try {
                if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(200); // not listening yet
            }
        }
        throw new IOException("the registry is not ready: " + Files.readString(log));
    }

    @Override
    public void close() {
        server.destroy();
        try {
            if (server.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.destroyForcibly();
    }
}
