package io.postbrake.alertmanagersink;

import java.util.List;
import java.util.Locale;

/**
 * Who gets a mail.
 *
 * @param owner whether it is an account's owner, who is told of it alone; otherwise a postmaster
 */
record Addressee(List<String> addresses, Locale language, boolean owner) {

    Addressee {
        addresses = List.copyOf(addresses);
    }

    /** For logs: addresses are nobody's business there. */
    @Override
    public String toString() {
        return owner ? "an account's owner" : "the postmaster";
    }
}
