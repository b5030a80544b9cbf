package io.postbrake.subject;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpNetworkTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7/32",
        "192.0.2.0/24, 192.0.2.0/24",
        "0.0.0.0/0, 0.0.0.0/0",
        "2001:DB8::0:1, 2001:db8::1/128",
        "2001:db8:0:0:1::/80, 2001:db8:0:0:1::/80",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3/128",
        "::ffff:192.0.2.7, 192.0.2.7/32",
        "::, ::/128",
    })
    void oneFormComesOut(String text, String cidr) {
        Optional<IpNetwork> net = IpNetwork.parse(text);

        assertThat(net).map(IpNetwork::cidr).contains(cidr);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "192.0.2",
                "192.0.2.256",
                "192.0.2.7/33",
                "192.0.2.7/24",
                "192.0.2.0/",
                "192.0.2.0/a",
                "1",
                "127.1",
                "2001:db8::1/64",
                "2001:db8::/129",
                ":",
                ":::",
                "fe80::1%eth0",
                "mail.example.com",
                "192.0.2.7 "
            })
    void whatIsNoneIsNoneAndNobodyIsAskedForANameOfIt(String text) {
        Optional<IpNetwork> net = IpNetwork.parse(text);

        assertThat(net).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.77, 24, 192.0.2.0/24",
        "192.0.2.77, 26, 192.0.2.64/26",
        "192.0.2.77, 0, 0.0.0.0/0",
        "192.0.2.77, 32, 192.0.2.77/32",
        "2001:db8:1:2:3::9, 64, 2001:db8:1:2::/64",
        "2001:db8:ffff::, 33, 2001:db8:8000::/33",
    })
    void anAddressLiesInOneNetworkOfEachSize(String address, int bits, String network) {
        IpNetwork within = IpNetwork.parse(address).orElseThrow().within(bits);

        assertThat(within).isEqualTo(IpNetwork.parse(network).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.9, true, true",
        "192.0.2.9, 192.0.2.0/24, false, true",
        "192.0.2.0/25, 192.0.2.128/25, false, false",
        "0.0.0.0/0, 2001:db8::1, false, false",
        "2001:db8::/32, 2001:db8:7::/48, true, true",
    })
    void aNetworkHasItsAddressesAndOnlyThose(String a, String b, boolean contains, boolean overlaps) {
        IpNetwork net = IpNetwork.parse(a).orElseThrow();
        IpNetwork other = IpNetwork.parse(b).orElseThrow();

        boolean has = net.contains(other);

        assertThat(has).isEqualTo(contains);
        assertThat(net.overlaps(other)).isEqualTo(overlaps);
    }
}
