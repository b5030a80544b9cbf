package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworksTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.77, 192.0.2",
        "2001:db8:1:2::5, 2001:db8:1",
        "2001:db8::5, 2001:db8",
        "2001:db8:1::, 2001:db8:1",
        "::1, ''",
        "unknown, unknown"
    })
    void aNeighbourhoodIsTheLeadingPartOfAnAddress(String ip, String prefix) {
        assertThat(Networks.prefix(ip)).isEqualTo(prefix);
    }
}
