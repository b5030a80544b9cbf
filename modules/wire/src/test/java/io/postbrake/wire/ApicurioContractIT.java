package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ApicurioContractIT extends RegistryContract {
    @TempDir
    static Path dir;

    private static Process server;
    private static ConfluentSchemaRegistry client;

    @BeforeAll
    static void start() throws Exception {
        int port;
        int management;
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ServerSocket two = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = one.getLocalPort();
            management = two.getLocalPort();
        }
        Path log = dir.resolve("registry.log");
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + management,
                        "-jar",
                        runner().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        String url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
        awaitReady(URI.create(url + "/subjects"), log);
        client = ConfluentSchemaRegistry.connect(url, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.destroy();
            if (!server.waitFor(10, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    @Override
    SchemaRegistry registry() {
        return client;
    }

    private static Path runner() throws Exception {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("apicurio.home")), 3)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void awaitReady(URI uri, Path log) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (System.nanoTime() < deadline) {
            assertThat(server.isAlive()).as(Files.readString(log)).isTrue();
            try {
                HttpRequest request = HttpRequest.newBuilder(uri).build();
                if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                Thread.sleep(200); // not listening yet
            }
        }
        throw new AssertionError("the registry is not ready: " + Files.readString(log));
    }
}
