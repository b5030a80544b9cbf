package io.postbrake.subject;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address or a network of them, IPv4 or IPv6; an IPv4 address that is written as an IPv6 one ({@code ::ffff:192.0.2.7}) is
 * the IPv4 address.
 *
 * @param address four or sixteen bytes; those behind the prefix are zero
 * @param prefix how many leading bits count
 */
public record IpNetwork(byte[] address, int prefix) {

    private static final int WIDEST_IPV4 = 8;
    private static final int WIDEST_IPV6 = 19;
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]*:[0-9a-f:.]*");
    private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

    /** An address, or a network as {@code 192.0.2.0/24}; empty for anything else, such as bits behind the prefix. */
    public static Optional<IpNetwork> parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int slash = lower.indexOf('/');
        byte[] address = bytes(slash < 0 ? lower : lower.substring(0, slash));
        if (address == null) {
            return Optional.empty();
        }
        int bits = 8 * address.length;
        String prefix = slash < 0 ? String.valueOf(bits) : lower.substring(slash + 1);
        if (!PREFIX.matcher(prefix).matches() || Integer.parseInt(prefix) > bits) {
            return Optional.empty();
        }
        var net = new IpNetwork(address, Integer.parseInt(prefix));
        return Arrays.equals(net.masked(net.prefix), address) ? Optional.of(net) : Optional.empty();
    }

    /** One address, of four or sixteen bytes. */
    public static IpNetwork of(byte[] address) {
        return new IpNetwork(address.clone(), 8 * address.length);
    }

    /** The network of this many leading bits that it lies in. */
    public IpNetwork within(int bits) {
        return new IpNetwork(masked(bits), bits);
    }

    private static byte[] bytes(String text) {
        if (!IPV4.matcher(text).matches() && !(IPV6.matcher(text).matches() && text.length() <= 45)) {
            return null; // Nothing that would be asked of a name server.
        }
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** Whether it is one address. */
    public boolean single() {
        return prefix == 8 * address.length;
    }

    /** Whether Postfix finds it in an indexed table: an address, or whole leading octets of an IPv4 one. */
    public boolean indexed() {
        return single() || (address.length == 4 && prefix % 8 == 0 && prefix > 0);
    }

    /** Whether it is so wide (over an IPv4 /8, an IPv6 /19) that no host would block it: a good part of the Internet. */
    public boolean tooWide() {
        return prefix < (address.length == 4 ? WIDEST_IPV4 : WIDEST_IPV6);
    }

    /** Whether every address of {@code other} is one of this. */
    public boolean contains(IpNetwork other) {
        return prefix <= other.prefix && overlaps(other);
    }

    /** Whether they have an address in common. */
    public boolean overlaps(IpNetwork other) {
        if (address.length != other.address.length) {
            return false;
        }
        int shorter = Math.min(prefix, other.prefix);
        int whole = shorter / 8;
        int rest = shorter % 8;
        return Arrays.equals(address, 0, whole, other.address, 0, whole)
                && (rest == 0 || ((address[whole] ^ other.address[whole]) & 0xff) >> (8 - rest) == 0);
    }

    /** As Postfix writes an address, without the octets behind the prefix: {@code 192.0.2.7}, {@code 192.0.2}. */
    public String octets() {
        if (address.length == 16) {
            return ipv6();
        }
        var result = new StringBuilder();
        for (int i = 0; i < prefix / 8; i++) {
            result.append(i == 0 ? "" : ".").append(address[i] & 0xff);
        }
        return result.toString();
    }

    /** In CIDR notation. */
    public String cidr() {
        return new IpNetwork(address, 8 * address.length).octets() + "/" + prefix;
    }

    private byte[] masked(int bits) {
        byte[] result = address.clone();
        for (int i = 0; i < result.length; i++) {
            int kept = Math.max(0, Math.min(8, bits - 8 * i));
            result[i] = (byte) (result[i] & (0xff00 >> kept));
        }
        return result;
    }

    /** As inet_ntop does: the first longest run of two or more zero groups becomes {@code ::} (RFC 5952). */
    private String ipv6() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        int from = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                from = i;
                length = end - i;
            }
        }
        var result = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == from) {
                result.append("::");
                i += length - 1;
            } else {
                boolean first = result.isEmpty() || result.charAt(result.length() - 1) == ':';
                result.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return result.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpNetwork net && net.prefix == prefix && Arrays.equals(net.address, address);
    }

    @Override
    public int hashCode() {
        return 31 * prefix + Arrays.hashCode(address);
    }

    @Override
    public String toString() {
        return cidr();
    }
}
