package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReportTurnsTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final ReportTurns turns = new ReportTurns(Duration.ofSeconds(10));

    @Test
    void aHostWhoseTablesStayAsTheyAreReportsByTheInterval() {
        assertThat(turns.take(NOON)).isTrue();
        assertThat(turns.take(NOON.plusSeconds(9))).isFalse();
        assertThat(turns.take(NOON.plusSeconds(10))).isTrue();
    }

    @Test
    void aChangeIsReportedWithinASecondAndManyChangesOnce() {
        turns.take(NOON);
        turns.changed();
        turns.changed();

        assertThat(turns.take(NOON.plusMillis(900))).isFalse();
        assertThat(turns.take(NOON.plusMillis(1000))).isTrue();
        assertThat(turns.take(NOON.plusMillis(2000))).isFalse();
    }

    @Test
    void aClockThatWasSetBackDoesNotSilenceTheHost() {
        turns.take(NOON);

        assertThat(turns.take(NOON.minusSeconds(3600))).isTrue();
    }
}
