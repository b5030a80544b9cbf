package io.postbrake.geo;

import java.util.Locale;
import java.util.Optional;

/** What a list of addresses lists. */
public enum ListKind {
    /** Addresses and networks that were seen to do harm, or are run by who does. */
    ABUSE,
    /** Where anybody can send through without being seen: VPN, open proxy, Tor. */
    ANONYMOUS,
    /** Rented machines, where few people sit. */
    HOSTING;

    /** The word in settings, on topics and in findings. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<ListKind> of(String word) {
        for (ListKind kind : values()) {
            if (kind.word().equals(word)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
