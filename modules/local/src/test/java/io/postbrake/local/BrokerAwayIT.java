package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that is not there yet is waited for, by name, and what was said meanwhile is not lost. */
@Timeout(180)
class BrokerAwayIT {

    @TempDir
    private Path dir;

    @Test
    void aDetectorThatStartsBeforeItsBrokerAndRegistrySaysWhatItWaitsForAndThenJudgesAll() throws Exception {
        // Given
        int broker = FreePort.next();
        int registry = FreePort.next();
        var config = new DetectorConfig(
                Map.of("bootstrap.servers", "127.0.0.1:" + broker),
                "http://127.0.0.1:" + registry,
                Map.of(),
                "postbrake-detector",
                dir.resolve("detector"),
                1,
                List.of(),
                0,
                DetectionConfig.defaults());
        try (Detector detector = Detector.start(config)) {
            Operator.awaits(
                    "it names the broker",
                    () -> get(detector, "/health/ready").body().contains("127.0.0.1:" + broker));
            assertThat(get(detector, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(detector, "/health").statusCode()).isEqualTo(503);
            assertThat(get(detector, "/health/live").statusCode()).isEqualTo(200);
            // When
            try (Cluster cluster = Cluster.start(dir, broker, registry)) {
                // Then
                Operator.awaits("the detector runs", detector::ready);
                var load = new MailLoad(cluster);
                load.runs(Duration.ofSeconds(1), 100);
                Operator.awaits(
                        "all was judged",
                        () -> load.seen().size() >= load.expected().size());
                assertThat(load.seen()).containsExactlyElementsOf(load.expected());
                assertThat(cluster.deadLetters()).isEmpty();
            }
        }
    }

    private static HttpResponse<String> get(Detector detector, String path) {
        var uri = URI.create("http://127.0.0.1:" + detector.httpPort() + path);
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
