package io.postbrake.detection.subject;

import io.postbrake.geo.ClientAddress;
import io.postbrake.subject.IpNetwork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of addresses that one guesser may have to himself: an IPv4 /24, an IPv6 /64, which is one link's (RFC 4291), and the /48
 * around it, which is what a site gets (RFC 6177). Private networks are the operator's own, and behind what a translator or a
 * tunnel made of an IPv4 address are others.
 */
public final class AddressRanges {
    private static final int V4 = 24;
    private static final int LINK = 64;
    private static final int SITE = 48;
    private static final String SITE_SUFFIX = "/" + SITE;
    private static final String LINK_SUFFIX = "/" + LINK;

    private AddressRanges() {}

    /** The keys of the ranges that an address lies in; none for text that is no address of the Internet. */
    public static List<String> around(@Nullable String ip) {
        if (ip == null
                || !SubjectKeys.addressable(ip)
                || SubjectKeys.nearby(ip)
                || !ClientAddress.own(ip).equals(ip)) {
            return List.of();
        }
        return IpNetwork.parse(ip)
                .map(one -> one.address().length == 4 ? List.of(key(one, V4)) : List.of(key(one, LINK), key(one, SITE)))
                .orElse(List.of());
    }

    /** What counts as one client in the range with this key: in a /48 a whole /64, elsewhere the address. */
    public static String member(String rangeKey, String ip) {
        return site(rangeKey)
                ? IpNetwork.parse(ip).map(one -> one.within(LINK).cidr()).orElse(ip)
                : ip;
    }

    /** Whether it is the key of a /48, in which many customers of one provider may live. */
    public static boolean site(String rangeKey) {
        return rangeKey.endsWith(SITE_SUFFIX);
    }

    /** Whether it is the key of a /64. */
    public static boolean link(String rangeKey) {
        return rangeKey.endsWith(LINK_SUFFIX);
    }

    private static String key(IpNetwork one, int bits) {
        return SubjectKeys.CLIENT_NET + ":" + one.within(bits).cidr();
    }
}
