package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeadlinesTest {

    @Test
    void aDeadlineThatMovedAwayWakesNobodyBefore() {
        var deadlines = new Deadlines();
        deadlines.set("a", Instant.ofEpochMilli(10));
        deadlines.set("a", Instant.ofEpochMilli(30));

        assertThat(deadlines.due(20)).isEmpty();
        assertThat(deadlines.due(30)).containsExactly("a");
        assertThat(deadlines.due(40)).isEmpty();
    }

    @Test
    void whoIsGoneLeavesNothingBehind() {
        // Given
        var deadlines = new Deadlines();
        // When
        for (int i = 0; i < 100_000; i++) {
            deadlines.set("name" + i, Instant.ofEpochMilli(1_000_000L + i));
            deadlines.set("name" + i, null);
        }
        // Then
        assertThat(deadlines.queued()).isLessThan(2_000);
    }

    /** Against the plain map that was scanned before: each step sets a deadline (or removes it) or lets time pass. */
    @Property
    void whoIsDueIsWhatAScanOfAllFinds(@ForAll @Size(max = 60) List<@IntRange(min = 0, max = 999) Integer> steps) {
        var deadlines = new Deadlines();
        Map<String, Long> plain = new HashMap<>();
        long now = 0;
        for (int step : steps) {
            String subject = "s" + step % 5;
            if (step % 3 == 0) {
                now += step / 20;
                var expected = new TreeSet<String>();
                for (var entry : plain.entrySet()) {
                    if (entry.getValue() <= now) {
                        expected.add(entry.getKey());
                    }
                }
                assertThat(deadlines.due(now)).containsExactlyInAnyOrderElementsOf(expected);
                plain.keySet().removeAll(expected);
            } else if (step % 7 == 0) {
                deadlines.set(subject, null);
                plain.remove(subject);
            } else {
                long at = now + step / 10;
                deadlines.set(subject, Instant.ofEpochMilli(at));
                plain.put(subject, at);
            }
        }
    }
}
