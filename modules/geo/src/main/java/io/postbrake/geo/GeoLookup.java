package io.postbrake.geo;

/** Place and network of a client address. Implementations are thread-safe and never throw for an address. */
@FunctionalInterface
public interface GeoLookup {

    /** What is known of the address text {@code ip}; {@link GeoInfo#UNKNOWN} when nothing is. */
    GeoInfo lookup(String ip);

    /** A lookup that knows nothing: the pipeline works without any file. */
    static GeoLookup none() {
        return ip -> GeoInfo.UNKNOWN;
    }
}
