package io.postbrake.detection.profile;

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

    @ParameterizedTest
    @CsvSource({
        "::ffff:192.0.2.77, 192.0.2",
        "64:ff9b::c000:24d, 192.0.2",
        "64:ff9b::c633:6407, 198.51.100",
        "64:ff9b:1::c000:24d, 192.0.2",
        "2002:c000:24d::1, 192.0.2",
        "2001:0:cb00:7101:8000:63bf:3fff:fdb2, 192.0.2"
    })
    void aTranslatorDoesNotMakeItsClientsNeighbours(String ip, String prefix) {
        assertThat(Networks.prefix(ip)).isEqualTo(prefix);
        assertThat(Networks.cidr(ip)).isEqualTo(prefix + ".0/24");
        assertThat(prefix).startsWith(Networks.wide(ip) + ".");
    }
}
