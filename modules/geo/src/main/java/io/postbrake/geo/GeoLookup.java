package io.postbrake.geo;

import java.util.List;

/** Place and network of a client address, and the lists that it is on. Implementations are thread-safe and never throw for an address. */
@FunctionalInterface
public interface GeoLookup {

    /** What is known of the address text {@code ip}; {@link GeoInfo#UNKNOWN} when nothing is. */
    GeoInfo lookup(String ip);

    /** The lists that the address, or the autonomous system that it is of, is on. */
    default List<Listing> listed(String ip, Long asnOrNull) {
        return List.of();
    }

    /** A lookup that knows nothing: the pipeline works without any file. */
    static GeoLookup none() {
        return ip -> GeoInfo.UNKNOWN;
    }
}
