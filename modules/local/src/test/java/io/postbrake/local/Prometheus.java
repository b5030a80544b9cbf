package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Prometheus on loopback that scrapes one target every second. */
final class Prometheus implements AutoCloseable {

    private static final Path SERVER = Path.of("/usr/bin/prometheus");
    private static final Path TOOL = Path.of("/usr/bin/promtool");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final int port;

    private Prometheus(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static void needed() {
        assumeTrue(Files.isExecutable(SERVER) && Files.isExecutable(TOOL), "needs Debian's package prometheus");
    }

    static Prometheus scraping(int target, Collection<Path> rules, Path dir) throws IOException {
        int port = FreePort.next();
        Path config = dir.resolve("prometheus.yml");
        Files.writeString(config, """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [%s]
                scrape_configs:
                  - job_name: postbrake
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(
                String.join(
                        ", ",
                        rules.stream().map(r -> r.toAbsolutePath().toString()).toList()),
                target));
        var process = new ProcessBuilder(
                        SERVER.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + dir.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("prometheus.log").toFile())
                .start();
        return new Prometheus(process, port);
    }

    /** Runs promtool, which has to be content. */
    static void promtool(Path in, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(TOOL.toString()));
        command.addAll(List.of(arguments));
        var tool = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor())
                .as("promtool %s: %s", List.of(arguments), said)
                .isZero();
    }

    /** Answer to an expression: an empty list when nothing matches. */
    JsonNode query(String expression) {
        return get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result");
    }

    /** Names of all metrics that were scraped. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        get("label/__name__/values").forEach(name -> names.add(name.asText()));
        return names;
    }

    /** How a scrape went: nothing until the first. */
    String health() {
        return get("targets").path("activeTargets").path(0).path("health").asText();
    }

    String lastError() {
        return get("targets").path("activeTargets").path(0).path("lastError").asText();
    }

    private JsonNode get(String path) {
        try {
            var answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode body = new ObjectMapper().readTree(answer.body());
            assertThat(body.path("status").asText())
                    .as("%s: %s", path, body.path("error").asText())
                    .isEqualTo("success");
            return body.path("data");
        } catch (IOException e) {
            return new ObjectMapper().createObjectNode(); // Not up yet.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
