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
     * @param refusal what of the host's own refuses it, {@link #MILTER} or {@link #OWNER}; null when nothing does
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
            int attack,
            String refusal)
            implements Action {

        /** A filter refuses the message at its end. */
        static final String MILTER = "milter";
        /** The sender is not the login's own. */
        static final String OWNER = "sender";

        /** One that nothing of the host's refuses. */
        Mail(
                long at,
                String host,
                String account,
                Client client,
                String from,
                int recipients,
                int bounced,
                int size,
                int attack) {
            this(at, host, account, client, from, recipients, bounced, size, attack, null);
        }

        /** The same, refused. */
        Mail refusedBy(String what) {
            return new Mail(at, host, account, client, from, recipients, bounced, size, attack, what);
        }
    }

    /**
     * A login that failed.
     *
     * @param reason what the log says beside a wrong password; null for that
     */
    record Failure(long at, String host, String account, Client client, int attack, String reason) implements Action {

        /** With a wrong password. */
        Failure(long at, String host, String account, Client client, int attack) {
            this(at, host, account, client, attack, null);
        }
    }

    /** Somebody reads the mailbox by IMAP. */
    record Login(long at, String host, String account, Client client, int attack) implements Action {}

    /** A message that a program on the host submits as a user of the host, without a login. */
    record Local(long at, String host, long uid, int attack) implements Action {
        @Override
        public String account() {
            return uid + "@" + host;
        }

        @Override
        public Client client() {
            return new Client("127.0.0.1", "localhost", Use.HOSTING, null);
        }
    }
}
