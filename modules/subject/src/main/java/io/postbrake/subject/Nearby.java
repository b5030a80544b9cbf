package io.postbrake.subject;

import java.util.List;
import java.util.stream.Stream;

/** Addresses of the host itself and of private networks. */
public final class Nearby {

    /** RFC 1918, RFC 4193 and link-local. */
    private static final List<IpNetwork> NEARBY = Stream.of(
                    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
            .flatMap(net -> IpNetwork.parse(net).stream())
            .toList();

    private Nearby() {}

    /** Whether the address is the host's own or one of a private network. */
    public static boolean is(String ip) {
        boolean public4 =
                ip.indexOf(':') < 0 && !(ip.startsWith("10.") || ip.startsWith("172.") || ip.startsWith("192.168."));
        if (public4 || public6(ip)) {
            return loopback(ip);
        }
        return loopback(ip)
                || IpNetwork.parse(ip)
                        .filter(one -> NEARBY.stream().anyMatch(net -> net.contains(one)))
                        .isPresent();
    }

    /** Whether the first digit alone tells: networks nearby begin with f, other forms of an IPv4 address with 0 or a colon. */
    private static boolean public6(String ip) {
        return ip.indexOf(':') > 0 && "123456789abcdeABCDE".indexOf(ip.charAt(0)) >= 0;
    }

    /** Whether it is the host's own address on loopback. */
    public static boolean loopback(String ip) {
        return ip.startsWith("127.") || ip.equals("::1") || ip.startsWith("::ffff:127.");
    }
}
