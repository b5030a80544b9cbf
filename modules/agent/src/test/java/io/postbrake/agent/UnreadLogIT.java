package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose log is not there is not ready, and says so; it needs no cluster to know. */
class UnreadLogIT {

    private static final long PATIENCE_NS = Duration.ofSeconds(90).toNanos();

    @TempDir
    private Path dir;

    @Test
    void aLogThatIsNotThereMakesTheAgentNotReadyUntilItIs() throws Exception {
        Path log = dir.resolve("mail.log");
        Path yaml = Files.writeString(dir.resolve("agent.yaml"), """
            host.id: mx1
            kafka: {bootstrap.servers: "127.0.0.1:1"}
            registry: {url: "http://127.0.0.1:1"}
            state.dir: %s
            source: {log.paths: ["%s"]}
            http.port: 0
            """.formatted(dir.resolve("state"), log));
        try (Agent agent = Agent.start(AgentConfig.read(yaml, null))) {
            String told = ready(agent, "does not exist");

            Files.writeString(log, "");

            assertThat(told).contains(log + " does not exist: ");
            assertThat(ready(agent, "ready")).doesNotContain("does not exist");
        }
    }

    /** What health says, as soon as that contains a word. */
    private static String ready(Agent agent, String word) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.httpPort() + "/health/ready"))
                .build();
        String body = "";
        for (long since = System.nanoTime(); System.nanoTime() - since < PATIENCE_NS; ) {
            body = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            if (body.contains(word)) {
                return body;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return body;
    }
}
