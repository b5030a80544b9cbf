package io.postbrake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "90s, PT90S",
        "15m, PT15M",
        "4h, PT4H",
        "4H, PT4H",
        "7d, P7D",
        "2w, P14D",
        "1d12h, PT36H",
        "0s, PT0S",
        "PT4H, PT4H",
        "pt4h, PT4H",
        "P7D, P7D",
        "P1DT12H, PT36H"
    })
    void bothWaysOfWritingALengthAreRead(String text, Duration length) {
        assertThat(Durations.parse(text)).isEqualTo(length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "h", "4 h", "4x", "-4h", "4h-", "P", "four hours", "", "9999999999h"})
    void whatIsNoLengthIsNamedWithWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("4h");
    }
}
