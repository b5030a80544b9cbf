package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Guessing wakes nobody unless somebody wants that; a stolen account does. */
class SeverityTest {
    private static final Instant T = Instant.parse("2026-03-16T10:00:00Z");
    private static final String GUESSER = "203.0.113.77";
    private static final String OWNER = "anna@my-domain.net";

    @Test
    void anAddressThatIsRefusedForGuessingIsAWarning() {
        var world = world(Map.of());

        guesses(world);

        assertThat(world.puts).anyMatch(b -> b.getSubject().equals(GUESSER));
        assertThat(severities(world, GUESSER)).contains("warning").doesNotContain("critical");
    }

    @Test
    void guessesAreToldAsSomebodyWantsThem() {
        var loud = world(Map.of("alert.severity.guessing", "critical"));
        var quiet = world(Map.of("alert.severity.guessing", " Info "));

        guesses(loud);
        guesses(quiet);

        assertThat(severities(loud, GUESSER)).contains("critical");
        assertThat(severities(quiet, GUESSER)).containsOnly("info");
        assertThat(quiet.puts).isEqualTo(loud.puts);
    }

    @Test
    void aStolenAccountIsCritical() {
        var world = world(Map.of());

        steals(world);

        assertThat(severities(world, OWNER)).endsWith("critical");
    }

    @Test
    void aStolenAccountOfSomebodyWhoWantsToSleepIsAWarning() {
        var world = world(Map.of("alert.severity.theft", "warning"));

        steals(world);

        assertThat(severities(world, OWNER)).endsWith("warning");
    }

    @Test
    void anAccountAtWhichOthersGuessIsNoTheft() {
        var world = world(Map.of("alert.severity.guessing", "info"));

        for (int i = 0; i < 30; i++) {
            world.fails(OWNER, "198.51." + i + ".7", T.plusSeconds(10L * i));
        }

        assertThat(severities(world, OWNER)).isNotEmpty().containsOnly("info");
    }

    @Test
    void anotherWordIsRefusedAtStart() {
        assertThatThrownBy(() -> world(Map.of("alert.severity.theft", "page")))
                .hasMessageContaining("alert.severity.theft")
                .hasMessageContaining("page")
                .hasMessageContaining("info, warning, critical");
    }

    private static World world(Map<String, Object> settings) {
        return new World(DetectionConfig.of(settings)).quick();
    }

    private static void guesses(World world) {
        for (int i = 0; i < 40; i++) {
            world.fails("name" + i + "@my-domain.net", GUESSER, T.plusSeconds(5L * i));
        }
    }

    private static void steals(World world) {
        for (int i = 0; i < 200; i++) {
            world.sends(OWNER, "41.0.0.9", T.plusSeconds(2L * i), 5);
        }
    }

    private static List<String> severities(World world, String subject) {
        return world.alerts.stream()
                .filter(a -> a.getSubject().equals(subject))
                .map(Alert::getSeverity)
                .toList();
    }
}
