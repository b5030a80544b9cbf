package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.Profile;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A message a day beside the owner makes no place home: the burst that comes then is judged as from elsewhere. */
class PatienceTest {
    private static final Instant T = Instant.parse("2026-03-30T08:00:00Z");
    /** Nothing is known of its place. */
    private static final String UNKNOWN_PLACE = "203.0.113.77";

    private final World world = new World().quick();

    @ParameterizedTest
    @CsvSource({
        "20, 3, true",
        "20, 4, true",
        "20, 7, true",
        "20, 14, true",
        "20, 21, true",
        "20, 4, false",
        "20, 14, false",
        "20, 21, false",
        "6, 4, true",
        "6, 7, true",
        "6, 4, false",
        "1, 4, true",
        "1, 7, true",
        "1, 4, false",
        "1, 7, false"
    })
    void aThiefWhoWaitedIsStoppedAsIfHeHadNot(int aDay, int patience, boolean geography) {
        String place = geography ? World.BRAZIL : UNKNOWN_PLACE;
        owner(aDay, 28);
        for (int day = patience; day >= 1; day--) {
            world.sends("ann", place, T.minus(Duration.ofDays(day)).plusSeconds(5000));
        }

        int sent = 0;
        while (sent < 1800 && world.blockOf("ann") == null) {
            world.sends("ann", place, T.plusSeconds(4L * sent++));
        }

        assertThat(sent).as("messages until the block").isLessThanOrEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource({"20, 8", "6, 3", "3, 3"})
    void aPlaceThatIsUsedInEarnestIsHomeAfterDays(int aDay, int fromThere) {
        owner(aDay, 28);
        for (int day = 6; day >= 1; day--) {
            for (int i = 0; i < fromThere; i++) {
                world.sends("ann", World.SPAIN, T.minus(Duration.ofDays(day)).plusSeconds(30_000 + 1500L * i));
            }
        }

        Profile profile =
                new Profile(world.stateOf("ann"), DetectionConfig.defaults().profile());

        assertThat(profile.origins().settled("AS64502/ES", T)).isTrue();
    }

    private void owner(int aDay, int days) {
        for (int day = days; day >= 1; day--) {
            for (int i = 0; i < aDay; i++) {
                world.sends("ann", World.HOME, T.minus(Duration.ofDays(day)).plusSeconds(1200L * i + 77L * (day % 5)));
            }
        }
    }
}
