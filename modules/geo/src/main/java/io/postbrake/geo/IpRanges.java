package io.postbrake.geo;

import io.postbrake.subject.IpNetwork;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Addresses from one to another, many of them, each with a time; those that touch one another are one. */
final class IpRanges {
    /** No time is known. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long WIDEST_IPV4 = 1L << 24;
    /** In /64. */
    private static final long WIDEST_IPV6 = 1L << 45;

    /** A network of IPv6 that holds the addresses which IPv4 is mapped to lists none of IPv4. */
    private record Address(int bytes, long high, long low) implements Comparable<Address> {
        static Address of(byte[] bytes) {
            if (bytes.length == 4) {
                return new Address(4, 0, longOf(bytes, 0, 4));
            }
            return new Address(16, longOf(bytes, 0, 8), longOf(bytes, 8, 16));
        }

        private static long longOf(byte[] bytes, int from, int to) {
            long value = 0;
            for (int i = from; i < to; i++) {
                value = value << 8 | bytes[i] & 0xff;
            }
            return value;
        }

        @Override
        public int compareTo(Address other) {
            int kind = Integer.compare(bytes, other.bytes);
            int first = kind != 0 ? kind : Long.compareUnsigned(high, other.high);
            return first != 0 ? first : Long.compareUnsigned(low, other.low);
        }
    }

    private record Range(Address first, Address last, long since) {

        /** As {@link IpNetwork#tooWide} says it of networks. */
        boolean tooWide() {
            long width = first.bytes == 4 ? last.low - first.low : last.high - first.high;
            return Long.compareUnsigned(width, first.bytes == 4 ? WIDEST_IPV4 : WIDEST_IPV6) >= 0;
        }
    }

    private final List<Range> all = new ArrayList<>();
    private List<Range> sorted = List.of();

    void add(IpNetwork net, long since) {
        byte[] last = net.address().clone();
        for (int bit = net.prefix(); bit < 8 * last.length; bit++) {
            last[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        all.add(new Range(Address.of(net.address()), Address.of(last), since));
    }

    /** All addresses from one to the other; false when they are not in order, of two kinds, or more than a network may have. */
    boolean add(IpNetwork first, IpNetwork last, long since) {
        Range range = new Range(Address.of(first.address()), Address.of(last.address()), since);
        boolean right = first.address().length == last.address().length
                && range.first.compareTo(range.last) <= 0
                && !range.tooWide();
        if (right) {
            all.add(range);
        }
        return right;
    }

    /** Nothing more is added. */
    void seal() {
        all.sort(Comparator.comparing(Range::first));
        List<Range> merged = new ArrayList<>(all.size());
        for (Range range : all) {
            Range before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (before != null && range.first.compareTo(before.last) <= 0) {
                Address last = before.last.compareTo(range.last) >= 0 ? before.last : range.last;
                merged.set(merged.size() - 1, new Range(before.first, last, Math.min(before.since, range.since)));
            } else {
                merged.add(range);
            }
        }
        all.clear();
        sorted = List.copyOf(merged);
    }

    /** The earliest time of the ranges that it is in; {@link #NEVER} when that has none; null when it is in none. */
    Long since(InetAddress address) {
        Address wanted = Address.of(address.getAddress());
        int low = 0;
        int high = sorted.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = sorted.get(middle);
            if (range.first.compareTo(wanted) > 0) {
                high = middle - 1;
            } else if (range.last.compareTo(wanted) < 0) {
                low = middle + 1;
            } else {
                return range.since;
            }
        }
        return null;
    }
}
