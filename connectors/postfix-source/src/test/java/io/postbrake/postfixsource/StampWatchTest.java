package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StampWatchTest {

    private static final long START = Instant.parse("2026-11-29T12:00:00Z").toEpochMilli();

    private final StampWatch watch = new StampWatch();

    /** Lines that are read as they are written, five a second; stamps of whole seconds. */
    private void live(long lagMillis, int lines) {
        for (int i = 0; i < lines; i++) {
            long readAt = START + 200L * i;
            watch.newest((readAt - lagMillis) / 1000 * 1000, readAt);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PT1H, PT1H, +01:00, Z",
        "PT-1H, PT-1H, +01:00, +02:00",
        "PT1H1M50S, PT1H, +01:00, Z",
        "PT58M20S, PT1H, +02:00, +01:00",
        "PT5H30M, PT5H30M, +05:30, Z",
        "PT-5H-45M, PT-5H-45M, Z, +05:45",
        "PT15M, PT15M, Z, -00:15",
        "PT8H, PT8H, Z, -08:00",
    })
    void aSteadyLagOfQuarterHoursIsAWrongZone(Duration lag, Duration zones, String readWith, String fits) {
        live(lag.toMillis(), 14);

        assertThat(watch.zones()).isEqualTo(zones.toMillis());
        assertThat(watch.fitting(ZoneOffset.of(readWith))).isEqualTo(ZoneOffset.of(fits));
    }

    @ParameterizedTest
    @CsvSource({"PT7M", "PT-7M", "PT1H5M", "PT-22M", "PT48H"})
    void anotherSteadyLagIsAClock(Duration lag) {
        live(lag.toMillis(), 14);

        assertThat(Duration.ofMillis(watch.lag()).minus(lag).abs()).isLessThan(Duration.ofSeconds(2));
        assertThat(watch.zones()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"PT0S", "PT1M30S", "PT-1M30S"})
    void aLittleIsNothing(Duration lag) {
        live(lag.toMillis(), 14);

        assertThat(watch.lag()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"4, 3600000", "60, 3600000", "1000, 3600000", "100000, 864000000"})
    void whoCatchesUpHasNoSteadyLag(int timesAsFast, long behind) {
        long stamp = START - behind;
        for (long readAt = START; stamp < readAt; readAt += 200) {
            watch.newest(stamp / 1000 * 1000, readAt);
            stamp += 200L * timesAsFast;

            assertThat(watch.lag()).isZero();
        }
    }

    @Test
    void linesOfOneMomentAndFewLinesSayNothing() {
        for (int i = 0; i < 1000; i++) {
            watch.newest(START - 3_600_000, START + i);
        }
        live(3_600_000, 3);

        assertThat(watch.lag()).isZero();
    }

    @Test
    void aZoneThatWasSetRightIsNoMoreTold() {
        live(3_600_000, 20);
        live(0, 20);

        assertThat(watch.lag()).isZero();
    }
}
