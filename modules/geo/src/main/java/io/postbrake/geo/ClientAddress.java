package io.postbrake.geo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The address of a client behind what a translator or a tunnel made of it. Where an IPv6 address holds the IPv4 address of the
 * client itself, that one is meant: IPv4-mapped (RFC 4291), NAT64 (RFC 6052 and RFC 8215), 6to4 (RFC 3056) and Teredo
 * (RFC 4380). Without that, one translator's prefix would make all of IPv4 one neighbourhood.
 */
public final class ClientAddress {

    private static final Pattern LITERAL = Pattern.compile(
            "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}|(?=[^%]{2,45}$)[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private static final Prefix NAT64 = Prefix.of("64:ff9b::", 96);
    private static final Prefix NAT64_LOCAL = Prefix.of("64:ff9b:1::", 48);
    private static final Prefix SIX_TO_FOUR = Prefix.of("2002::", 16);
    private static final Prefix TEREDO = Prefix.of("2001::", 32);

    /**
     * Where no machine of the Internet is: IANA's special-purpose registries for IPv4 and IPv6, and multicast. The networks for
     * documentation are not here: nobody has them, so nobody is put in a wrong place, and examples need places.
     */
    private static final List<Prefix> NOWHERE = List.of(
            Prefix.of("0.0.0.0", 8),
            Prefix.of("10.0.0.0", 8),
            Prefix.of("100.64.0.0", 10),
            Prefix.of("127.0.0.0", 8),
            Prefix.of("169.254.0.0", 16),
            Prefix.of("172.16.0.0", 12),
            Prefix.of("192.0.0.0", 24),
            Prefix.of("192.88.99.0", 24),
            Prefix.of("192.168.0.0", 16),
            Prefix.of("198.18.0.0", 15),
            Prefix.of("224.0.0.0", 3),
            Prefix.of("::", 96), // unspecified, loopback, and IPv4 as of before RFC 4291
            NAT64_LOCAL, // what of it holds no client's address
            Prefix.of("100::", 64),
            Prefix.of("2001:2::", 48),
            Prefix.of("2001:10::", 28),
            Prefix.of("2001:20::", 28),
            Prefix.of("5f00::", 16),
            Prefix.of("fc00::", 7),
            Prefix.of("fe80::", 9), // link-local, and the site-local of old
            Prefix.of("ff00::", 8));

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
        byte[] bytes = address.getAddress();
        return NOWHERE.stream().anyMatch(p -> p.has(bytes));
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
        if (text == null || !LITERAL.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text); // Mapped addresses come back as IPv4.
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static InetAddress behind(InetAddress address) {
        byte[] b = address.getAddress();
        if (b.length == 4) {
            return address;
        }
        if (NAT64.has(b)) {
            return ipv4(address, b[12], b[13], b[14], b[15]);
        }
        if (NAT64_LOCAL.has(b)) {
            return nat64Local(address, b);
        }
        if (SIX_TO_FOUR.has(b)) {
            return ipv4(address, b[2], b[3], b[4], b[5]);
        }
        if (TEREDO.has(b)) { // The client's address is written with every bit turned.
            return ipv4(address, (byte) ~b[12], (byte) ~b[13], (byte) ~b[14], (byte) ~b[15]);
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
            return ipv4(address, b[6], b[7], b[9], b[10]);
        }
        return b[13] != 0 || b[14] != 0 || b[15] != 0 ? ipv4(address, b[12], b[13], b[14], b[15]) : address;
    }

    private static InetAddress ipv4(InetAddress otherwise, byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return otherwise;
        }
    }

    /** The leading {@code length} bits of {@code bytes}. */
    private record Prefix(byte[] bytes, int length) {

        static Prefix of(String address, int length) {
            return new Prefix(literal(address).getAddress(), length);
        }

        boolean has(byte[] address) {
            if (address.length != bytes.length) {
                return false;
            }
            int whole = length / 8;
            if (!Arrays.equals(address, 0, whole, bytes, 0, whole)) {
                return false;
            }
            int rest = length % 8;
            return rest == 0 || ((address[whole] ^ bytes[whole]) & 0xff) >> (8 - rest) == 0;
        }
    }
}
