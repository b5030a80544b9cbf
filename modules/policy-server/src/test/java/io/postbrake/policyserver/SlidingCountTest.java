package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What was counted is remembered for the whole window, and at most a sixtieth longer. */
class SlidingCountTest {

    private static final long HOUR = 3_600_000;
    private static final long NOON = 1_796_000_000_000L;

    @Property(tries = 500)
    void theErrorIsASixtiethAtMostAndNeverBelow(
            @ForAll @Size(min = 1, max = 200) List<@IntRange(min = 0, max = 400_000) Integer> pauses,
            @ForAll @IntRange(min = 60_000, max = 7_200_000) int window) {
        var count = new SlidingCount(window);
        long width = (window + 59L) / 60;
        List<Long> times = new ArrayList<>();
        long now = NOON;
        for (int pause : pauses) {
            now += pause;
            count.add(now, 1, 2);
            times.add(now);
            long at = now;
            long exact = times.stream().filter(t -> t > at - window).count();
            long most = times.stream().filter(t -> t > at - window - width).count();

            assertThat((long) count.count(Unit.MESSAGES, now)).isBetween(exact, most);
            assertThat(count.count(Unit.RECIPIENTS, now)).isEqualTo(2 * count.count(Unit.MESSAGES, now));
            assertThat(count.buckets()).isLessThanOrEqualTo(61);
        }
    }

    @Test
    void nothingIsForgottenAtMidnight() {
        long midnight = NOON / 86_400_000 * 86_400_000;
        var count = new SlidingCount(24 * HOUR);
        count.add(midnight - 1000, 7, 7);

        assertThat(count.count(Unit.MESSAGES, midnight + 1000)).isEqualTo(7);
    }

    @Test
    void aClockThatGoesBackForgetsNothing() {
        var count = new SlidingCount(HOUR);
        count.add(NOON, 3, 3);
        count.add(NOON - HOUR, 1, 1);

        assertThat(count.count(Unit.MESSAGES, NOON)).isEqualTo(4);
    }

    @Test
    void whatIsTakenBackShortensNothingElse() {
        var count = new SlidingCount(HOUR);
        count.add(NOON, 1, 10);
        count.add(NOON + 2 * HOUR / 3, 1, 10);
        count.takeBack(NOON, 0, 4);

        assertThat(count.count(Unit.RECIPIENTS, NOON + 2 * HOUR / 3)).isEqualTo(16);
        assertThat(count.count(Unit.RECIPIENTS, NOON + HOUR + 120_000)).isEqualTo(10);
        assertThat(count.count(Unit.MESSAGES, NOON + HOUR + 120_000)).isEqualTo(1);
    }
}
