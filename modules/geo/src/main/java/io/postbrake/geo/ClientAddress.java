package io.postbrake.geo;

import io.postbrake.subject.IpNetwork;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * The address of a client behind what a translator or a tunnel made of it. Where an IPv6 address holds the IPv4 address of the
 * client itself, that one is meant: IPv4-mapped (RFC 4291), NAT64 (RFC 6052 and RFC 8215), 6to4 (RFC 3056) and Teredo
 * (RFC 4380). Without that, one translator's prefix would make all of IPv4 one neighbourhood.
 */
public final class ClientAddress {

    private static final IpNetwork NAT64 = net("64:ff9b::/96");
    private static final IpNetwork NAT64_LOCAL = net("64:ff9b:1::/48");
    private static final IpNetwork SIX_TO_FOUR = net("2002::/16");
    private static final IpNetwork TEREDO = net("2001::/32");

    /**
     * Where no machine of the Internet is: IANA's special-purpose registries for IPv4 and IPv6, and multicast. The networks for
     * documentation are not here: nobody has them, so nobody is put in a wrong place, and examples need places.
     */
    private static final List<IpNetwork> NOWHERE = List.of(
            net("0.0.0.0/8"),
            net("10.0.0.0/8"),
            net("100.64.0.0/10"),
            net("127.0.0.0/8"),
            net("169.254.0.0/16"),
            net("172.16.0.0/12"),
            net("192.0.0.0/24"),
            net("192.88.99.0/24"),
            net("192.168.0.0/16"),
            net("198.18.0.0/15"),
            net("224.0.0.0/3"),
            net("::/96"), // unspecified, loopback, and IPv4 as of before RFC 4291
            NAT64_LOCAL, // what of it holds no client's address
            net("100::/64"),
            net("2001:2::/48"),
            net("2001:10::/28"),
            net("2001:20::/28"),
            net("5f00::/16"),
            net("fc00::/7"),
            net("fe80::/9"), // link-local, and the site-local of old
            net("ff00::/8"));

    private ClientAddress() {}

    /** The client's own address, IPv4 wherever the text holds one; null for what is no address. Never asks a name server. */
    static InetAddress parse(String text) {
        InetAddress written = literal(text);
        return written == null ? null : behind(written);
    }

    /** The text of the client's own IPv4 address where {@code text} is an IPv6 address that holds it; otherwise the text as it is. */
    public static String own(String text) {
        if (text == null || !mayHoldIpv4(text)) {
            return text;
        }
        InetAddress written = literal(text);
        InetAddress own = written == null ? null : behind(written);
        return own == null || own.getAddress().length != 4 ? text : own.getHostAddress();
    }

    /** Whether no place can be right for it, whatever a file says: nobody on the Internet has this address for himself. */
    static boolean nowhere(InetAddress address) {
        IpNetwork one = IpNetwork.of(address.getAddress());
        return NOWHERE.stream().anyMatch(n -> n.contains(one));
    }

    /** Spares the others a look at each of their bytes. */
    private static boolean mayHoldIpv4(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || colon > 4) {
            return false;
        }
        String first = text.substring(0, colon);
        return switch (first) {
            case "", "0", "0000", "64", "0064", "2002" -> true;
            case "2001" -> text.startsWith(":", colon + 1) || text.startsWith("0", colon + 1);
            default -> false;
        };
    }

    private static InetAddress literal(String text) {
        if (text == null || text.indexOf('/') >= 0) {
            return null;
        }
        return IpNetwork.parse(text).map(n -> inet(n.address())).orElse(null);
    }

    private static InetAddress behind(InetAddress address) {
        byte[] b = address.getAddress();
        if (b.length == 4) {
            return address;
        }
        IpNetwork one = IpNetwork.of(b);
        if (NAT64.contains(one)) {
            return inet(b[12], b[13], b[14], b[15]);
        }
        if (NAT64_LOCAL.contains(one)) {
            return nat64Local(address, b);
        }
        if (SIX_TO_FOUR.contains(one)) {
            return inet(b[2], b[3], b[4], b[5]);
        }
        if (TEREDO.contains(one)) { // The client's address is written with every bit turned.
            return inet((byte) ~b[12], (byte) ~b[13], (byte) ~b[14], (byte) ~b[15]);
        }
        return address;
    }

    /**
     * The network's operator chose how long its prefix is: either the whole /48, with the IPv4 address around the eight zero
     * bits and nothing behind it, or a /96 inside, with the IPv4 address at the end.
     */
    private static InetAddress nat64Local(InetAddress address, byte[] b) {
        boolean nothingBehind = b[11] == 0 && b[12] == 0 && b[13] == 0 && b[14] == 0 && b[15] == 0;
        if (nothingBehind && b[8] == 0) {
            return inet(b[6], b[7], b[9], b[10]);
        }
        return b[13] != 0 || b[14] != 0 || b[15] != 0 ? inet(b[12], b[13], b[14], b[15]) : address;
    }

    private static InetAddress inet(byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("four or sixteen bytes are an address", e);
        }
    }

    private static IpNetwork net(String cidr) {
        return IpNetwork.parse(cidr).orElseThrow();
    }
}
