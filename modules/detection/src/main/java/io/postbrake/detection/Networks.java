package io.postbrake.detection;

/** Neighbourhoods of addresses: what one household, office or provider pool usually shares. */
final class Networks {
    private static final int V6_GROUPS = 3;

    private Networks() {}

    /** The leading 24 bits of an IPv4 address, 48 of an IPv6 address, as text; other text as it is. */
    static String prefix(String ip) {
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
}
