package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ClientAddressTest {

    @Test
    void theIpv4AddressThatTheClientItselfHasIsFoundBehindWhateverMadeItLonger() {
        List<String> written = List.of(
                "198.51.100.7",
                "::ffff:198.51.100.7",
                "::ffff:c633:6407",
                "64:ff9b::c633:6407",
                "64:ff9b::198.51.100.7",
                "0064:FF9B:0:0:0:0:c633:6407",
                "64:ff9b:1::c633:6407", // a /96 inside the local prefix
                "64:ff9b:1:c0de::c633:6407",
                "64:ff9b:1:c633:64:700::", // the whole local /48, around the eight zero bits
                "2002:c633:6407::1", // 6to4
                "2002:c633:6407:1234:211:22ff:fe33:4455",
                "2001:0:c000:201:8000:63bf:39cc:9bf8", // Teredo: every bit turned
                "2001::c000:201:8000:63bf:39cc:9bf8");

        assertThat(written).allSatisfy(text -> {
            assertThat(ClientAddress.own(text)).isEqualTo("198.51.100.7");
            assertThat(ClientAddress.parse(text)).isEqualTo(InetAddress.getByName("198.51.100.7"));
        });
    }

    @Test
    void anIpv6AddressOfItsOwnStaysAsItIsWritten() {
        List<String> written = List.of(
                "2001:db8::c633:6407", "2001:470:1f0b::1", "2a00:1450::64", "64:ff9c::1", "::1", "2003:c633:6407::1");

        assertThat(written)
                .allSatisfy(text -> assertThat(ClientAddress.own(text)).isEqualTo(text));
    }

    @Test
    void whatIsNoAddressIsNobodys() {
        List<String> texts = List.of(
                "", "unknown", "mx.example.org", "1.2", "1.2.3.4.5", "300.1.1.1", "fe80::1%eth0", ":", "::x", "1234");

        assertThat(texts).allSatisfy(text -> {
            assertThat(ClientAddress.parse(text)).isNull();
            assertThat(ClientAddress.own(text)).isEqualTo(text);
        });
    }

    @Test
    void addressesOfNobodyOnTheInternetAreNowhere() {
        List<String> nowhere = List.of(
                "0.1.2.3",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.88.99.1",
                "192.168.1.20",
                "198.19.255.255",
                "224.0.0.251",
                "255.255.255.255",
                "::",
                "::1",
                "64:ff9b::a00:1", // 10.0.0.1 behind a translator
                "2002:c0a8:101::1",
                "100::1",
                "2001:2::1",
                "fd12:3456::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "64:ff9b:1::1:0:0:0");

        assertThat(nowhere)
                .allSatisfy(text -> assertThat(ClientAddress.nowhere(ClientAddress.parse(text)))
                        .isTrue());
    }

    @Test
    void theirNeighboursAreSomewhere() {
        List<String> somewhere = List.of(
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "203.0.113.9",
                "2001:db8::1",
                "2a01:4f8::1",
                "2600::1",
                "64:ff9b::808:808");

        assertThat(somewhere)
                .allSatisfy(text -> assertThat(ClientAddress.nowhere(ClientAddress.parse(text)))
                        .isFalse());
    }

    @Property
    void eachIpv4AddressIsTheSameOneBehindEachTranslator(@ForAll @Size(4) byte[] b) throws Exception {
        String ipv4 = InetAddress.getByAddress(b).getHostAddress();
        String groups = String.format("%02x%02x:%02x%02x", b[0], b[1], b[2], b[3]);
        String turned = String.format("%02x%02x:%02x%02x", ~b[0] & 255, ~b[1] & 255, ~b[2] & 255, ~b[3] & 255);

        List<String> written = List.of(
                "::ffff:" + ipv4,
                "64:ff9b::" + groups,
                "2002:" + groups + "::9",
                "2001:0:cb00:7101:8000:f000:" + turned);

        assertThat(written).extracting(ClientAddress::own).containsOnly(ipv4);
    }

    @Property
    void noTextIsAskedOfAnybodyOrThrows(@ForAll String text) {
        String own = ClientAddress.own(text);

        assertThat(own).isNotNull();
        ClientAddress.parse(text);
    }
}
