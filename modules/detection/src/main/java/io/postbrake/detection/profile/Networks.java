package io.postbrake.detection.profile;

import io.postbrake.geo.ClientAddress;
import io.postbrake.subject.IpNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Neighbourhoods of addresses: what one household, office or provider pool usually shares. An IPv6 address that a translator or
 * a tunnel made of a client's IPv4 address is a neighbour of that one, not of all others behind the same translator.
 */
public final class Networks {
    private static final int V6_GROUPS = 3;
    private static final int V6_BITS = 48;
    private static final int V4_BITS = 24;
    private static final int V4_BYTES = 4;
    private static final int V6_WIDE_BITS = 32;
    private static final int V4_WIDE_BITS = 16;

    private Networks() {}

    /** The leading 24 bits of an IPv4 address, 48 of an IPv6 address, as text; other text as it is. */
    static String prefix(String address) {
        String ip = ClientAddress.own(address);
        int dot = ip.lastIndexOf('.');
        if (dot > 0) {
            return ip.substring(0, dot);
        }
        int end = 0;
        for (int group = 0; group < V6_GROUPS; group++) {
            int colon = ip.indexOf(':', end);
            if (colon < 0) {
                return ip;
            }
            if (colon + 1 < ip.length() && ip.charAt(colon + 1) == ':') {
                return ip.substring(0, colon);
            }
            end = colon + 1;
        }
        return ip.substring(0, end - 1);
    }

    /** The leading 16 bits of an IPv4 address, 32 of an IPv6 address, as text: about one operator's. */
    static String wide(String ip) {
        String narrow = prefix(ip);
        int end = narrow.indexOf(':') < 0 ? narrow.lastIndexOf('.') : narrow.lastIndexOf(':');
        return end > 0 ? narrow.substring(0, end) : narrow;
    }

    /** {@link #wide The wide neighbourhood} of an address as a network, such as 192.0.0.0/16; null for what is no address. */
    static @Nullable String wideCidr(String address) {
        return IpNetwork.parse(ClientAddress.own(address))
                .map(one -> one.within(one.address().length == V4_BYTES ? V4_WIDE_BITS : V6_WIDE_BITS)
                        .cidr())
                .orElse(null);
    }

    /** The neighbourhood of an address in the one notation that a network has, such as 192.0.2.0/24. */
    public static String cidr(String address) {
        String ip = ClientAddress.own(address);
        return IpNetwork.parse(ip)
                .map(one -> one.within(one.address().length == V4_BYTES ? V4_BITS : V6_BITS)
                        .cidr())
                .orElseGet(() -> prefix(ip) + "::/48");
    }
}
