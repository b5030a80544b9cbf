package io.postbrake.simulator;

import java.util.SplittableRandom;

/**
 * Addresses of one operator in one city: an IPv4 /20, and an IPv6 /40 where the operator has one.
 *
 * @param base first IPv4 address
 * @param v6 first four hexadecimal groups' leading part such as {@code 2a01:12}, or null
 */
record Network(long asn, String organisation, Use use, City city, int base, String v6) {

    /** What the addresses are for. */
    enum Use {
        HOME,
        MOBILE,
        OFFICE,
        HOSTING,
        HOTEL
    }

    record City(String country, String name, double latitude, double longitude) {}

    static final int BITS = 20;

    String cidr() {
        return dotted(base) + "/" + BITS;
    }

    String v6Cidr() {
        return v6 + "00::/40";
    }

    /** Any address. */
    String address(SplittableRandom r) {
        return address(r.nextInt(1 << (32 - BITS)));
    }

    /** The {@code n}-th address, counted from the network's beginning. */
    String address(int n) {
        int host = n & ((1 << (32 - BITS)) - 1);
        int last = host & 255;
        return dotted(base + (last == 0 || last == 255 ? host ^ 7 : host));
    }

    /** A privacy address of the household or phone {@code n}: the /64 stays, the rest changes. */
    String v6Address(int n, SplittableRandom r) {
        return v6 + Integer.toHexString(16 + (n >> 16 & 127)) + ":" + Integer.toHexString(1 + (n & 0xfffe)) + ":"
                + group(r) + ":" + group(r) + ":" + group(r) + ":" + group(r);
    }

    private static String group(SplittableRandom r) {
        return Integer.toHexString(1 + r.nextInt(0xfffe));
    }

    double radiusKm() {
        return switch (use) {
            case MOBILE -> 200;
            case HOME -> 50;
            default -> 20;
        };
    }

    /** Name that the address resolves to; many do not. */
    String nameOf(String address) {
        boolean named = switch (use) {
            case HOME, OFFICE -> true;
            case MOBILE, HOSTING, HOTEL -> address.hashCode() % 3 == 0;
        };
        return named ? "host-" + address.replace('.', '-').replace(':', '-') + ".as" + asn + ".example" : "unknown";
    }

    private static String dotted(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }
}
