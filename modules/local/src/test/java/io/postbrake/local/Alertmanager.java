package io.postbrake.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Debian's Alertmanager on loopback with data of its own, and the person on call, who keeps every notification. */
final class Alertmanager implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/prometheus-alertmanager");

    /** One alert of one notification. */
    record Notification(String status, String incident, Instant at, JsonNode alert) {}

    final List<Notification> notifications = new CopyOnWriteArrayList<>();

    private final Path dir;
    private final int port;
    private final HttpServer onCall;
    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;

    Alertmanager(Path dir) throws IOException {
        this.dir = dir;
        onCall = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        onCall.createContext("/", exchange -> {
            JsonNode told = new ObjectMapper().readTree(exchange.getRequestBody());
            told.path("alerts")
                    .forEach(a -> notifications.add(new Notification(
                            a.path("status").asText(),
                            a.path("labels").path("incident").asText(),
                            Instant.now(),
                            a)));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        onCall.start();
        port = FreePort.next();
        Files.writeString(dir.resolve("alertmanager.yml"), """
                route:
                  receiver: on-call
                  group_by: ['...']
                  group_wait: 0s
                  group_interval: 1s
                  repeat_interval: 1h
                receivers:
                  - name: on-call
                    webhook_configs:
                      - url: http://127.0.0.1:%d/
                        send_resolved: true
                """.formatted(
                        onCall.getAddress().getPort()));
    }

    static boolean installed() {
        return Files.isExecutable(PROGRAM);
    }

    void start() throws Exception {
        process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--config.file=" + dir.resolve("alertmanager.yml"),
                        "--storage.path=" + dir.resolve("data"),
                        "--data.maintenance-interval=1s",
                        "--web.listen-address=127.0.0.1:" + port,
                        "--cluster.listen-address=")
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("alertmanager.log").toFile())
                .start();
        Operator.awaits("Alertmanager is ready", this::ready);
    }

    /** Waits until it has put on disk whom it told before now: two notes from now on, as one may be under way. */
    void awaitsNote() throws InterruptedException {
        for (int note = 0; note < 2; note++) {
            FileTime before = noted();
            Operator.awaits("a note on disk", () -> !noted().equals(before));
        }
    }

    private FileTime noted() {
        try {
            return Files.getLastModifiedTime(dir.resolve("data/nflog"));
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    /** As the kernel kills: it can save nothing. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** The newest state of the alert of this incident's subject; missing when there is none. */
    JsonNode alert(String subject) throws IOException, InterruptedException {
        for (JsonNode alert : new ObjectMapper().readTree(get("/api/v2/alerts"))) {
            if (alert.path("labels").path("subject").asText().equals(subject)) {
                return alert;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private boolean ready() {
        try {
            return get("/-/ready").contains("OK");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            kill();
        }
        onCall.stop(0);
    }
}
