package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestingClientsTest {

    private static final Duration SHORT = Duration.ofMillis(5);

    private final AtomicLong now = new AtomicLong(1);
    private final RestingClients.Rest rest = new RestingClients.Rest(now::get);

    @Test
    void waitsAsAskedWhileRecordsCome() {
        for (int i = 0; i < 100; i++) {
            assertThat(rest.instead(SHORT)).isEqualTo(SHORT);
            now.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
            rest.came(1);
        }
    }

    @Test
    void waitsLongerWhenNothingCameForLongerThanCommitsTake() {
        // Given
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(290));
        rest.came(0);
        assertThat(rest.instead(SHORT)).isEqualTo(SHORT);
        // When
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(20));
        rest.came(0);
        // Then
        assertThat(rest.instead(SHORT)).isEqualTo(Duration.ofMillis(50));
        // When
        rest.came(3);
        // Then
        assertThat(rest.instead(SHORT)).isEqualTo(SHORT);
    }

    @Test
    void neverWaitsForWhoDoesNotWantToAndNeverLessThanAsked() {
        now.addAndGet(TimeUnit.SECONDS.toNanos(10));
        assertThat(rest.instead(Duration.ZERO)).isZero();
        assertThat(rest.instead(Duration.ofMillis(100))).isEqualTo(Duration.ofMillis(100));
    }
}
