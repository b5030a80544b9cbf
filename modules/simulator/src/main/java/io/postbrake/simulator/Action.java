package io.postbrake.simulator;

import io.postbrake.simulator.Network.Use;

/** Something that somebody does at a mail host. Times are milliseconds since 1970. */
sealed interface Action {

    /** Legitimate: no attack. */
    int NOBODY = -1;

    long at();

    String host();

    /** Login name. */
    String account();

    Client client();

    /** Number of the attack that it belongs to, {@link #NOBODY} if it is legitimate. */
    int attack();

    default boolean legitimate() {
        return attack() == NOBODY;
    }

    /**
     * Where it comes from.
     *
     * @param program what sends; null for whichever program its owner has
     */
    record Client(String ip, String name, Use use, Program program) {
        Client with(Program other) {
            return new Client(ip, name, use, other);
        }
    }

    /**
     * A message by an account that logged in.
     *
     * @param bounced how many of the recipients the other side will refuse for good
     */
    record Mail(
            long at,
            String host,
            String account,
            Client client,
            String from,
            int recipients,
            int bounced,
            int size,
            int attack)
            implements Action {}

    /** A login that failed. */
    record Failure(long at, String host, String account, Client client, int attack) implements Action {}
}
