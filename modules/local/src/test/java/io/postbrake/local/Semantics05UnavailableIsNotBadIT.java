package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.local.RegistryGate.Mode;
import io.postbrake.wire.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry that is away makes everybody wait and nobody lose a record, whatever is cached. */
@Timeout(600)
class Semantics05UnavailableIsNotBadIT {

    private static final int MESSAGES_A_SECOND = 100;
    private static final Duration SHORT = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path dir;

    private Cluster cluster;
    private MailLoad load;

    @BeforeEach
    void start() throws Exception {
        cluster = Cluster.start(dir);
        load = new MailLoad(cluster);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aDetectorThatStartsWithoutRegistryWaitsAndThenJudgesAll() throws Exception {
        startsWithoutRegistry(SHORT);
    }

    @Test
    @Tag("soak")
    void aDetectorThatStartsWithoutRegistryForTwoMinutesWaitsAndThenJudgesAll() throws Exception {
        startsWithoutRegistry(LONG);
    }

    private void startsWithoutRegistry(Duration outage) throws Exception {
        // Given
        cluster.gate.set(Mode.REFUSED);
        try (Detector detector = Detector.start(cluster.detector())) {
            load.runs(outage.dividedBy(2), MESSAGES_A_SECOND);
            cluster.gate.set(Mode.UNAVAILABLE);
            load.runs(outage.dividedBy(2), MESSAGES_A_SECOND);
            assertThat(get(detector, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(detector, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(detector, "/health/ready").body()).contains(cluster.gate.url());
            // When
            cluster.gate.set(Mode.OPEN);
            // Then
            judgesAllOnce(detector);
        }
    }

    @Test
    void aRunningDetectorWithColdCachesWaitsForTheRegistryAndThenJudgesAll() throws Exception {
        losesTheRegistry(SHORT);
    }

    @Test
    @Tag("soak")
    void aRunningDetectorWithColdCachesWaitsTwoMinutesForTheRegistryAndThenJudgesAll() throws Exception {
        losesTheRegistry(LONG);
    }

    private void losesTheRegistry(Duration outage) throws Exception {
        // Given
        try (Detector detector = Detector.start(cluster.detector())) {
            Operator.awaits("the detector runs, and has read nothing yet", detector::ready);
            var ways = List.of(
                    Mode.REFUSED,
                    Mode.HANGING,
                    Mode.UNAVAILABLE,
                    Mode.ERROR,
                    Mode.UNAUTHORISED,
                    Mode.TOO_MANY,
                    Mode.NOBODY_BEHIND);
            for (Mode away : ways) {
                cluster.gate.set(away);
                load.runs(outage.dividedBy(ways.size()), MESSAGES_A_SECOND);
            }
            assertThat(load.seen()).isEmpty();
            // When
            cluster.gate.set(Mode.OPEN);
            // Then
            judgesAllOnce(detector);
            assertThat(get(detector, "/metrics").body()).containsPattern("postbrake_registry_retries_total [1-9]");
        }
    }

    @Test
    void aDetectorThatStopsDuringAnOutagePutsNothingAside() throws Exception {
        // Given
        Detector stopped = Detector.start(cluster.detector());
        Operator.awaits("the detector runs", stopped::ready);
        cluster.gate.set(Mode.UNAVAILABLE);
        load.runs(Duration.ofSeconds(1), MESSAGES_A_SECOND);
        int before = cluster.gate.turnedAway();
        Operator.awaits("it asks the registry", () -> cluster.gate.turnedAway() > before);
        // When
        stopped.close();
        // Then
        cluster.gate.set(Mode.OPEN);
        try (Detector next = Detector.start(cluster.detector())) {
            judgesAllOnce(next);
        }
    }

    private void judgesAllOnce(Detector detector) throws InterruptedException {
        Operator.awaits("the detector runs", detector::ready);
        load.runs(Duration.ofSeconds(1), MESSAGES_A_SECOND);
        int all = load.expected().size();
        Operator.awaits(
                "all was judged", Duration.ofMinutes(2), () -> load.seen().size() >= all);
        assertThat(load.seen()).containsExactlyElementsOf(load.expected());
        assertThat(cluster.deadLetters()).isEmpty();
        assertThat(cluster.raw(Topics.MAIL_EVENTS.name())).hasSize(all);
    }

    private static HttpResponse<String> get(Detector detector, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + detector.httpPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
