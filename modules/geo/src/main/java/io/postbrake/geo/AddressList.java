package io.postbrake.geo;

import java.net.InetAddress;
import java.time.Instant;

/** One mounted list, whole in memory. */
interface AddressList {
    /** Whether and as what an address, or the autonomous system that it is of, is on it; null when it is not. */
    Listing find(InetAddress address, Long asnOrNull);

    /** Entries that were understood; -1 where they are not counted. */
    long entries();

    /** Lines that were not. */
    long badLines();

    /** When its publisher made it, or else when the file was written. */
    Instant builtAt();

    default void close() {}
}
