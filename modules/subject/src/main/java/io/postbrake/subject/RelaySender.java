package io.postbrake.subject;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An envelope sender of a client that relays without a login on one mail host, named {@code SENDER from CLIENT on HOST}. The sender
 * is whatever the client said, so that the name is read from its end.
 *
 * @param sender in lower case, as the log has it
 * @param client its address
 */
public record RelaySender(String sender, String client, String host) {

    /** Greedy: what looks like a client and a host inside of the sender is the sender's. */
    private static final Pattern NAME = Pattern.compile("(.+) from ([0-9a-fA-F.:]+) on (.+)", Pattern.DOTALL);

    /** Reads a name; empty when it is none. */
    public static Optional<RelaySender> of(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches()
                ? Optional.of(new RelaySender(
                        parts.group(1).toLowerCase(Locale.ROOT),
                        parts.group(2).toLowerCase(Locale.ROOT),
                        parts.group(3)))
                : Optional.empty();
    }

    /** As records and operators name it. */
    public String name() {
        return sender + " from " + client + " on " + host;
    }
}
