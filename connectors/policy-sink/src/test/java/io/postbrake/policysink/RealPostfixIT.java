package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a block does to sessions that are open already, at a real Postfix. */
class RealPostfixIT {

    private static final String STOLEN = "alice@my-domain.net";
    private static final String COLLEAGUE = "bob@my-domain.net";
    private static final int TRIALS = 10;

    private static PostfixHost postfix;
    private static PolicyMap map;
    private static Enforcement enforcement;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        postfix = PostfixHost.create();
        map = PolicyMap.open(postfix.map(), 16 << 20);
        enforcement = EnforcementTest.enforcement(map, Clock.systemUTC());
        enforcement.caughtUp();
        postfix.account("alice", "secret-a");
        postfix.account("Alice", "secret-a");
        postfix.account("bob", "secret-b");
        postfix.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (postfix != null) {
            postfix.close();
        }
        if (map != null) {
            map.close();
        }
    }

    @Test
    void thiefIsStoppedInTheOpenSessionAndTheColleagueIsNot() throws IOException {
        List<Double> millis = new ArrayList<>();
        try (SmtpSession colleague = postfix.login(COLLEAGUE, "secret-b")) {
            for (int trial = 0; trial < TRIALS; trial++) {
                try (SmtpSession thief = postfix.login(STOLEN, "secret-a")) {
                    assertThat(send(thief, "ceo@my-domain.net")).startsWith("250 2.0.0");
                    assertThat(send(colleague, COLLEAGUE)).startsWith("250 2.0.0");

                    long before = System.nanoTime();
                    set(block("t" + trial));
                    String refusal = send(thief, "another-sender@elsewhere.example");
                    millis.add((System.nanoTime() - before) / 1e6);

                    assertThat(refusal)
                            .startsWith("554 5.7.1 <" + STOLEN + ">: SASL login name rejected: ")
                            .endsWith(" [pb:t" + trial + "]");
                    assertThat(send(colleague, COLLEAGUE)).startsWith("250 2.0.0");
                }

                set(null);
                try (SmtpSession owner = postfix.login(STOLEN, "secret-a")) {
                    assertThat(send(owner, STOLEN)).startsWith("250 2.0.0");
                }
            }
        }
        assertThat(postfix.log())
                .containsPattern("NOQUEUE: reject: RCPT from [^\n]*<alice@my-domain\\.net>: [^\n]*\\[pb:t0\\]");
        millis.sort(null);
        System.out.printf(
                "block written to refusal in the open session, %d trials: p50 %.2f ms, worst %.2f ms%n",
                TRIALS, millis.get(TRIALS / 2), millis.get(TRIALS - 1));
    }

    @Test
    void messageUnderWayIsRefusedAtItsEnd() throws IOException {
        try (SmtpSession thief = postfix.login(STOLEN, "secret-a")) {
            assertThat(thief.begin(STOLEN, "victim@elsewhere.example")).startsWith("354");

            set(block("late"));

            assertThat(thief.finish()).startsWith("554 5.7.1").endsWith("[pb:late]");
        } finally {
            set(null);
        }
    }

    @Test
    void otherSpellingOfTheLoginIsNoWayRound() throws IOException {
        set(block("case"));
        try (SmtpSession thief = postfix.login("Alice@my-domain.net", "secret-a")) {
            assertThat(send(thief, STOLEN)).startsWith("554 5.7.1").endsWith("[pb:case]");
        } finally {
            set(null);
        }
    }

    private static String send(SmtpSession session, String from) throws IOException {
        return session.send(from, "victim@elsewhere.example");
    }

    private static void set(Wanted block) throws IOException {
        enforcement.block("sasl_user:" + STOLEN, block);
        enforcement.write();
    }

    private static Wanted block(String reference) {
        Instant now = Instant.now();
        return new Wanted("block", "reject", null, reference, now, now, now.plusSeconds(600), null);
    }
}
