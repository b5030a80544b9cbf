package io.postbrake.simulator;

import java.util.SplittableRandom;

/**
 * A program that sends mail, as the server's log shows it: by how it logs in and by what its TLS library agrees to. How many
 * use which is an assumption, and so is how many thieves' tools look like their victims' programs: about every third.
 *
 * @param mechanism SASL mechanism
 * @param protocol TLS protocol, null without TLS
 */
record Program(String mechanism, String protocol) {
    private static final Program PLAIN_13 = new Program("PLAIN", "TLSv1.3");
    private static final Program PLAIN_12 = new Program("PLAIN", "TLSv1.2");
    private static final Program LOGIN_13 = new Program("LOGIN", "TLSv1.3");
    private static final Program LOGIN_12 = new Program("LOGIN", "TLSv1.2");
    private static final Program LOGIN_OLD = new Program("LOGIN", "TLSv1");
    private static final Program LOGIN_BARE = new Program("LOGIN", null);

    static Program desktop(SplittableRandom r) {
        double x = r.nextDouble();
        return x < 0.4 ? PLAIN_13 : x < 0.55 ? PLAIN_12 : x < 0.75 ? LOGIN_13 : LOGIN_12;
    }

    static Program phone(SplittableRandom r) {
        double x = r.nextDouble();
        return x < 0.75 ? PLAIN_13 : x < 0.9 ? PLAIN_12 : LOGIN_12;
    }

    /** A script, an application or a device. */
    static Program machine(SplittableRandom r) {
        double x = r.nextDouble();
        return x < 0.25 ? PLAIN_13 : x < 0.5 ? PLAIN_12 : x < 0.7 ? LOGIN_13 : x < 0.9 ? LOGIN_12 : LOGIN_BARE;
    }

    /** What spam is sent with. */
    static Program tool(SplittableRandom r) {
        double x = r.nextDouble();
        return x < 0.25
                ? LOGIN_13
                : x < 0.55 ? LOGIN_12 : x < 0.75 ? PLAIN_13 : x < 0.88 ? PLAIN_12 : x < 0.96 ? LOGIN_BARE : LOGIN_OLD;
    }

    /** The words of the log from the protocol on. */
    String tls() {
        String cipher = protocol.equals("TLSv1.3")
                ? "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits)"
                        + " server-digest SHA256"
                : protocol.equals("TLSv1.2")
                        ? "ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)"
                        : "ECDHE-RSA-AES256-SHA (256/256 bits)";
        return protocol + " with cipher " + cipher;
    }
}
