package io.postbrake.cli;

import io.postbrake.local.LocalConfig;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** The demo's second mail host: a real Postfix, where the thief and a colleague have sessions open all the time. */
final class DemoPostfix implements AutoCloseable {

    private static final String NAME = "mx2";
    private static final String DOMAIN = "@my-domain.net";

    private final PostfixHost postfix;
    private final String password;
    private SmtpSession thief;
    private SmtpSession colleague;

    private DemoPostfix(PostfixHost postfix, String password) {
        this.postfix = postfix;
        this.password = password;
    }

    /** Lays the host out; it starts when its map is there. */
    static DemoPostfix create() throws IOException, InterruptedException {
        byte[] secret = new byte[12];
        new SecureRandom().nextBytes(secret);
        var demo = new DemoPostfix(PostfixHost.create(NAME), HexFormat.of().formatHex(secret));
        try {
            demo.postfix.account("user", demo.password);
            demo.postfix.account("anna", demo.password);
        } catch (IOException | InterruptedException | RuntimeException e) {
            demo.close();
            throw e;
        }
        return demo;
    }

    LocalConfig.Host host() {
        return new LocalConfig.Host(NAME, postfix.logFile(), postfix.map(), postfix.configuration());
    }

    boolean mapIsThere() {
        return Files.exists(postfix.map());
    }

    /** Starts Postfix and logs both in. */
    void open() throws IOException, InterruptedException {
        postfix.start();
        thief = postfix.login("user" + DOMAIN, password);
        colleague = postfix.login("anna" + DOMAIN, password);
    }

    /** The next message in the thief's session; Postfix's reply. */
    String thiefSends() throws IOException {
        return thief.send("user" + DOMAIN, "prey@example.com");
    }

    /** The next message in the colleague's session; Postfix's reply. */
    String colleagueSends() throws IOException {
        return colleague.send("anna" + DOMAIN, "friend@example.com");
    }

    /** A message of the owner, who logs in anew; Postfix's reply. */
    String ownerSends() throws IOException {
        try (SmtpSession owner = postfix.login("user" + DOMAIN, password)) {
            return owner.send("user" + DOMAIN, "friend@example.com");
        }
    }

    /** Postfix's latest log line with this word in it. */
    Optional<String> logged(String word) throws IOException {
        return postfix.log().lines().filter(line -> line.contains(word)).reduce((first, last) -> last);
    }

    @Override
    public void close() throws IOException {
        try (PostfixHost host = postfix;
                SmtpSession one = thief;
                SmtpSession other = colleague) {
            // Closing is all.
        }
    }
}
