package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Before the time from which it enforces, the detection tells all that it would do, and does nothing. */
class WatchTest {
    private static final String USER = "user@my-domain.net";
    private static final Instant THEFT = Instant.parse("2026-03-05T03:00:00Z");

    @Test
    void aTheftIsToldAtOnceAsLoudAsEverAndNothingIsBlocked() {
        World world = new World(from("2026-03-06"));
        for (int day = 4; day >= 1; day--) {
            for (int i = 0; i < 4; i++) {
                world.sends(USER, World.HOME, THEFT.minusSeconds(day * 86_400L - 3_600L * (i + 5)));
            }
        }

        for (int i = 0; i < 60; i++) {
            world.sends(USER, World.BRAZIL, THEFT.plusSeconds(20L * i));
        }

        Alert alert = world.alerts.get(world.alerts.size() - 1);
        assertThat(world.puts).isEmpty();
        assertThat(alert.getSeverity()).isEqualTo("critical");
        assertThat(alert.getAction()).isEqualTo("observe");
        assertThat(alert.getDryRunAction()).isEqualTo("reject");
        assertThat(alert.getDescription()).contains("would reject, but nothing is blocked before 2026-03-06T00:00:00Z");
        assertThat(alert.getTitle()).contains("nothing is blocked yet");
    }

    @Test
    void whatGoesOnWhenItEnforcesIsBlocked() {
        World world = new World(from("2026-03-05T03:10:00Z"));

        for (int i = 0; i < 60; i++) {
            world.sends(USER, World.BRAZIL, THEFT.plusSeconds(20L * i));
        }

        assertThat(world.puts).isNotEmpty();
        assertThat(world.puts.get(0).getDecidedAt()).isAfterOrEqualTo(Instant.parse("2026-03-05T03:10:00Z"));
        assertThat(world.alerts.get(world.alerts.size() - 1).getDryRunAction()).isNull();
    }

    @Test
    void whatIsSaidAtRunTimeStandsOverTheFile() {
        RuntimeConfig file = RuntimeConfig.of(from("2027-01-01"));

        RuntimeConfig said = file.with(RuntimeConfig.ENFORCE, record(THEFT));
        RuntimeConfig both = said.with(
                RuntimeConfig.CONFIGURATION,
                RuntimeConfig.record(Map.of("risk.hold", "0.6"))
                        .setActor("a")
                        .setReason("r")
                        .setAt(THEFT)
                        .build());

        assertThat(file.config().watches(THEFT)).isTrue();
        assertThat(said.config().watches(THEFT)).isFalse();
        assertThat(said.config().watches(THEFT.minusMillis(1))).isTrue();
        assertThat(both.config().enforceFrom()).isEqualTo(THEFT);
        assertThat(both.with(RuntimeConfig.ENFORCE, null).config().watches(THEFT))
                .as("a file that says nothing")
                .isFalse();
    }

    @Test
    void aTimeThatIsNoneIsRefused() {
        assertThatThrownBy(() -> from("monday"))
                .hasMessageContaining("enforce.from")
                .hasMessageContaining("monday");
        Control other = record(THEFT);
        other.setSettings(Map.of("risk.hold", "0.1"));
        RuntimeConfig controls = RuntimeConfig.of(DetectionConfig.defaults());
        assertThatThrownBy(() -> controls.with(RuntimeConfig.ENFORCE, other)).hasMessageContaining("enforce.from");
    }

    private static Control record(Instant from) {
        return RuntimeConfig.enforcing(from)
                .setActor("a")
                .setReason("r")
                .setAt(THEFT)
                .build();
    }

    private static DetectionConfig from(String time) {
        return DetectionConfig.of(Map.of("enforce.from", time));
    }
}
