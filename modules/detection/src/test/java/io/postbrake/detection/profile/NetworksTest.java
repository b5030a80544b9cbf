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
        "192.0.2.77, 192.0.2.0/24",
        "2001:db8:1:2::5, 2001:db8:1::/48",
        "2001:db8::5, 2001:db8::/48",
        "2001:db8:0:7::5, 2001:db8::/48",
        "2001:0DB8:0:7:1:2:3:4, 2001:db8::/48",
        "2001:db8:07:7::5, 2001:db8:7::/48",
        "2a00:0:0:7::5, 2a00::/48",
        "2a00:0:9:7::5, 2a00:0:9::/48",
        "::5, ::/48",
        "unknown, unknown::/48"
    })
    void aNeighbourhoodHasOneName(String ip, String cidr) {
        assertThat(Networks.cidr(ip)).isEqualTo(cidr);
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
