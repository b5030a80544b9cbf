package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.correlation.Correlator;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Identity is (source, generation, position), order is per source, sessions join by process, logins are lower case. */
class Semantics01KeysOrderIdentityTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();

    @Test
    void aPositionAtOrBelowTheWatermarkIsDroppedWhateverItSays() {
        world.receives(client("A", 100));
        world.receives(client("B", 100));
        world.receives(client("C", 99));

        assertThat(world.submissions).extracting(Submission::getQueueId).containsExactly("A");
    }

    @Test
    void eachSourceAndGenerationHasItsOwnWatermark() {
        world.receives(client("A", 100));
        world.receives(client("B", 5).setGeneration(1));
        world.receives(client("C", 5).setSourceId("other log"));
        world.receives(client("D", 101));

        assertThat(world.submissions).extracting(Submission::getQueueId).containsExactly("A", "B", "C", "D");
    }

    @Test
    void theCallerLearnsWhatWasDropped() {
        Correlator correlator = new Correlator(World.GEO);
        MailEvent event = client("A", 100).build();

        assertThat(correlator.accept(event, world.host("mx1"), s -> {})).isTrue();
        assertThat(correlator.accept(event, world.host("mx1"), s -> {})).isFalse();
    }

    @Test
    void aLoginIsOneSubjectHoweverItIsWrittenAndWhereverTheDetectorRuns() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            world.receives(client("A", 1).setSaslUsername("INFO@Example.ORG"));
            world.receives(client("B", 2).setSaslUsername("info@example.org"));
            world.says("allow", "Info@EXAMPLE.org", T, null);
        } finally {
            Locale.setDefault(before);
        }

        assertThat(world.states.keySet()).contains("sasl_user:info@example.org");
        assertThat(world.states.keySet().stream().filter(k -> k.startsWith("sasl_user:")))
                .hasSize(1);
    }

    private MailEvent.Builder client(String queueId, long position) {
        return world.event("client", T)
                .setPosition(position)
                .setQueueId(queueId)
                .setClientIp(World.HOME)
                .setSaslUsername("ann");
    }
}
