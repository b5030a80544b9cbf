package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.app.Detector;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances share the accounts between them, and either console knows all. */
@Timeout(180)
class ConsolePeersIT {

    private static final int PARTITIONS = 4;
    private static final int ACCOUNTS = 12;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path dir;

    @Test
    void eitherInstanceAnswersForBoth() throws Exception {
        try (Cluster cluster = Cluster.start(dir, PARTITIONS);
                var one = Detector.start(cluster.detector("one", ConsoleConfig.local(0)));
                var two = Detector.start(cluster.detector("two", ConsoleConfig.local(0)))) {
            Operator.awaits("both instances have a part", () -> has(one) > 0 && has(two) > 0);
            Operator.awaits("each reaches all parts", () -> answered(one) == PARTITIONS && answered(two) == PARTITIONS);

            for (int i = 0; i < ACCOUNTS; i++) {
                cluster.send(Topics.OVERRIDES, key(i), allow(i));
            }
            cluster.flush();

            Operator.awaits("one knows all", () -> open(one, "") == ACCOUNTS);
            assertThat(open(two, "")).isEqualTo(ACCOUNTS);
            assertThat(open(one, "?here=1")).as("one's own part").isBetween(1, ACCOUNTS - 1);
            for (int i = 0; i < ACCOUNTS; i++) {
                String path = "/api/subject?key=" + URLEncoder.encode(key(i), StandardCharsets.UTF_8);
                assertThat(get(one, path).path("word").path("verb").asText()).isEqualTo("allow");
                assertThat(get(two, path).path("word").path("verb").asText()).isEqualTo("allow");
            }
        }
    }

    private static String key(int i) {
        return "sasl_user:user" + i + "@my-domain.net";
    }

    private static OperatorOverride allow(int i) {
        return OperatorOverride.newBuilder()
                .setSubject("user" + i + "@my-domain.net")
                .setSubjectType("sasl_user")
                .setVerb("allow")
                .setActor("postmaster")
                .setReason("test")
                .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
    }

    private static int has(Detector detector) {
        return get(detector, "/api/open?here=1").path("partitions").size();
    }

    private static int answered(Detector detector) {
        return get(detector, "/api/open").path("answered").asInt();
    }

    private static int open(Detector detector, String query) {
        return get(detector, "/api/open" + query).path("subjects").size();
    }

    private static JsonNode get(Detector detector, String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + detector.consolePort() + path));
            return new ObjectMapper()
                    .readTree(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString())
                            .body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
