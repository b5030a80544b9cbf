package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.postbrake.event.Submission;
import io.postbrake.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A geo file that breaks under a running detector is no surprise to anybody. */
@Timeout(180)
class GeographyIT {

    @TempDir
    private Path dir;

    @Test
    void aFileThatIsOverwrittenWithRubbishShowsInAMetricAndThePlacesKnownBeforeStay() throws Exception {
        Path geo = OldHabits.geo(dir);
        try (LiveCluster cluster = new LiveCluster(dir, 1)) {
            cluster.start(geo);
            assertThat(cluster.metric("postbrake_geo_problems")).isZero();

            Files.writeString(geo, "half a download", StandardCharsets.US_ASCII);

            LiveCluster.awaits("the problem shows", () -> cluster.metric("postbrake_geo_problems") == 1);
            String head = Instant.now() + " mx1 postfix/submission/smtpd[7]: ";
            cluster.ships("mx1", head + "A1: client=unknown[198.51.100.7], sasl_method=PLAIN, sasl_username=ann");
            cluster.ships("mx1", head + "A2: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=bob");
            cluster.awaitsJudged();
            assertThat(cluster.decoded(Topics.MAIL_SUBMISSIONS))
                    .extracting(Submission::getAccount, Submission::getCountry, Submission::getLatitude)
                    .containsExactlyInAnyOrder(tuple("ann", "DE", 50.1), tuple("bob", null, null));
        }
    }
}
