package io.postbrake.subject;

import static io.postbrake.subject.OverridePrecedence.Counts;
import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.subject.OverridePrecedence.Decision;
import io.postbrake.subject.OverridePrecedence.Override;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridePrecedenceTest {

    private static final Instant DECIDED = Instant.parse("2026-05-04T10:00:00Z");

    private static Instant at(Integer seconds) {
        return seconds == null ? null : DECIDED.plusSeconds(seconds);
    }

    /** A block of an hour, decided at 0 for evidence at -1; an override; what counts after a minute and after the hour. */
    @ParameterizedTest
    @CsvSource({
        // verb, said, ends, after a minute, after an hour
        ",,, BLOCK, NOTHING",
        "unblock, -10,, BLOCK, NOTHING",
        "unblock, -1,, NOTHING, NOTHING",
        "unblock, 10,, NOTHING, NOTHING",
        "unblock, 10, 20, NOTHING, NOTHING",
        "allow, -10,, ALLOWANCE, ALLOWANCE",
        "allow, 10, 3610, ALLOWANCE, ALLOWANCE",
        "allow, 10, 20, NOTHING, NOTHING",
        "allow, -10, 20, BLOCK, NOTHING",
        "block, -10,, OPERATORS_BLOCK, OPERATORS_BLOCK",
        "block, 10, 20, BLOCK, NOTHING",
        "block, 10, 3610, OPERATORS_BLOCK, OPERATORS_BLOCK",
    })
    void theNewerOneCountsAndAnAllowanceUsesUpWhatWasKnown(
            String verb, Integer said, Integer ends, Counts afterAMinute, Counts afterAnHour) {
        var decision = new Decision(DECIDED, at(-1), at(3600));
        var override = verb == null ? null : new Override(verb, at(said), at(ends));

        Counts soon = OverridePrecedence.of(decision, override, at(60));

        assertThat(soon).isEqualTo(afterAMinute);
        assertThat(OverridePrecedence.of(decision, override, at(3605))).isEqualTo(afterAnHour);
    }

    @ParameterizedTest
    @CsvSource({"block, OPERATORS_BLOCK", "allow, ALLOWANCE", "unblock, NOTHING"})
    void withoutADecisionTheOverrideCountsAlone(String verb, Counts expected) {
        Counts counts = OverridePrecedence.of(null, new Override(verb, at(0), null), at(60));

        assertThat(counts).isEqualTo(expected);
    }
}
