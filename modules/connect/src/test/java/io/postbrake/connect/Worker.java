package io.postbrake.connect;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A worker of Kafka Connect as a process, made of what Kafka publishes and nothing of ours but what is on its plugin path. */
final class Worker implements AutoCloseable {

    /** As docs/connect.md has them. */
    private static final List<String> OPTIONS =
            List.of("--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;

    private Worker(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param dir where it keeps its settings and says what it does
     * @param port of its REST interface, by which the others of its group know it
     */
    static Worker start(Path dir, int port, Map<String, String> settings) throws IOException {
        var text = new StringBuilder("listeners=http://127.0.0.1:" + port + "\n");
        settings.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        Path file = Files.writeString(Files.createDirectories(dir).resolve("worker.properties"), text);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(OPTIONS);
        command.addAll(List.of(
                "-cp",
                System.getProperty("connect.worker") + File.separator + "*",
                "org.apache.kafka.connect.cli.ConnectDistributed",
                file.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("worker.log").toFile())
                .start();
        return new Worker(process, port);
    }

    /** How others of the group name it. */
    String id() {
        return "127.0.0.1:" + port;
    }

    /** What is answered, or nothing while nobody listens. */
    String get(String path) throws InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    /** The answer to a new connector. */
    String post(String body) throws InterruptedException {
        return send(HttpRequest.newBuilder(uri("/connectors"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private URI uri(String path) {
        return URI.create("http://" + id() + path);
    }

    private String send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        }
    }

    /** As kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
