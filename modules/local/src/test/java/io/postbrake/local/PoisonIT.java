package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real broker and the real start add to bad records: every start reads them anew. */
@Timeout(240)
class PoisonIT {

    private static final byte[] NONE_OF_OURS = {1, 2, 3};
    /** With its headers a dead letter of it would be larger than a broker takes. */
    private static final byte[] LARGEST = new byte[(1 << 20) - 200];

    @TempDir
    private Path dir;

    @Test
    void aDetectorGoesOnAndStartsAgainWhateverStandsOnItsTopicsAndInItsState() throws Exception {
        try (Cluster cluster = Cluster.start(dir)) {
            // Given
            var load = new MailLoad(cluster);
            List<String> changelogs = DetectorTopology.STORES.stream()
                    .map(store -> "postbrake-detector-" + store + "-changelog")
                    .toList();
            try (Detector first = Detector.start(cluster.detector())) {
                Operator.awaits("the detector runs", Duration.ofSeconds(90), first::ready);
                load.runs(Duration.ofSeconds(1), 50);
                allIsJudged(load);
                // When
                cluster.sendBytes(Topics.CONTROL.name(), "configuration", NONE_OF_OURS);
                cluster.sendBytes(Topics.MAIL_EVENTS.name(), "mx1", LARGEST);
                cluster.sendBytes(Topics.OVERRIDES.name(), "sasl_user:user1@my-domain.net", NONE_OF_OURS);
                changelogs.forEach(changelog -> {
                    cluster.sendBytes(changelog, "somebody's", NONE_OF_OURS);
                    cluster.raw(changelog).stream()
                            .map(ConsumerRecord::key)
                            .distinct()
                            .limit(3)
                            .forEach(key -> cluster.sendBytes(changelog, key, NONE_OF_OURS));
                });
                cluster.flush();
                load.runs(Duration.ofSeconds(1), 50);
                allIsJudged(load);
            }
            try (Detector second = Detector.start(cluster.detector())) {
                // Then
                Operator.awaits("the detector runs again", Duration.ofSeconds(90), second::ready);
                load.runs(Duration.ofSeconds(1), 50);
                allIsJudged(load);
                assertThat(load.seen()).containsExactlyElementsOf(load.expected());
                // An entry of another store is put aside when somebody asks for it; these are all read at the start.
                Set<String> expected = new TreeSet<>(Set.of(
                        "postbrake-detector-" + DetectorTopology.SUBJECT_STATES + "-changelog",
                        Topics.CONTROL.name(),
                        Topics.MAIL_EVENTS.name(),
                        Topics.OVERRIDES.name()));
                Operator.awaits(
                        "all are kept",
                        () -> {
                            expected.removeAll(keptOf(cluster));
                            return expected.isEmpty();
                        },
                        expected);
            }
        }
    }

    private static void allIsJudged(MailLoad load) throws InterruptedException {
        Operator.awaits(
                "all was judged",
                Duration.ofSeconds(60),
                () -> load.seen().size() >= load.expected().size());
    }

    /** Topics of which there are dead letters. */
    private static Set<String> keptOf(Cluster cluster) {
        Set<String> topics = new TreeSet<>();
        cluster.deadLetters()
                .forEach(letter -> topics.add(new String(
                        letter.headers().lastHeader("__streams.errors.topic").value(), StandardCharsets.UTF_8)));
        return topics;
    }
}
