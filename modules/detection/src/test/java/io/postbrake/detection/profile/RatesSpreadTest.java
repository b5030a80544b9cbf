package io.postbrake.detection.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.state.RateScale;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RatesSpreadTest {

    private static final Instant T = Instant.parse("2026-05-01T08:00:00Z");

    @Test
    void whoseWindowsDifferMuchIsSurprisingLaterThanWhoseWindowsAreAlike() {
        List<RateScale> even = history(6, 6);
        List<RateScale> uneven = history(1, 11);

        assertThat(chanceOfABurst(even)).isLessThan(1e-3);
        assertThat(chanceOfABurst(uneven)).isGreaterThan(20 * chanceOfABurst(even));
    }

    /** An hour of the one and an hour of the other number of messages, by turns, for sixty hours; equal on average. */
    private static List<RateScale> history(int one, int other) {
        List<RateScale> rates = new ArrayList<>();
        for (int hour = 0; hour < 60; hour++) {
            for (int i = 0; i < (hour % 2 == 0 ? one : other); i++) {
                SendingRates.count(rates, T.plusSeconds(3600L * hour + 60L * i), 50, true, false);
            }
        }
        return rates;
    }

    private static double chanceOfABurst(List<RateScale> rates) {
        Instant at = T.plusSeconds(3600L * 61);
        for (int i = 0; i < 20; i++) {
            SendingRates.count(rates, at.plusSeconds(60L * i), 50, true, false);
        }
        return SendingRates.open(rates, at.plusSeconds(1200)).stream()
                .filter(open -> open.minutes() == 60)
                .findFirst()
                .orElseThrow()
                .tail();
    }
}
