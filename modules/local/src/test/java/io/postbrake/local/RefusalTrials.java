package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PostfixCommands;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Milliseconds from a decision to the first refusal in a session that is open, in turns: a record on the blocks topic, and
 * {@code postmap -i} on the host itself.
 */
final class RefusalTrials {

    private final PostfixHost postfix;
    private final Decisions decisions;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> postmap = new ArrayList<>();

    RefusalTrials(PostfixHost postfix, Decisions decisions) {
        this.postfix = postfix;
        this.decisions = decisions;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Accounts {@code ours0} and {@code theirs0} and so on must be there. */
    void run(int trials) throws IOException {
        String table = "lmdb:" + postfix.map().toString().replaceFirst("\\.lmdb$", "");
        for (int i = 0; i < trials; i++) {
            String account = "ours" + i + "@my-domain.net";
            ours.add(refused(account, () -> decisions.blocked(account, "reject")));
            String other = "theirs" + i + "@my-domain.net";
            postmap.add(refused(
                    other,
                    () -> PostfixCommands.run(
                            List.of("postmap", "-i", "-r", table), other + " REJECT 5.7.1 no [pb:postmap]\n")));
        }
    }

    private double refused(String account, Step block) throws IOException {
        try (SmtpSession session = postfix.login(account, "secret")) {
            assertThat(session.send(account, "x@example.com")).startsWith("250");
            long from = System.nanoTime();
            block.run();
            while (session.send(account, "x@example.com").startsWith("250")) {
                assertThat(System.nanoTime() - from).as("it takes for ever").isLessThan(20_000_000_000L);
            }
            return (System.nanoTime() - from) / 1e6;
        }
    }

    List<Double> ours() {
        return ours;
    }

    List<Double> postmap() {
        return postmap;
    }

    static double p50(List<Double> millis) {
        return at(millis, 0.5);
    }

    /** Nearest rank. */
    static double at(List<Double> millis, double share) {
        List<Double> sorted = millis.stream().sorted().toList();
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "block to refusal in the open session, %d trials each: record on the topic p50 %.1f ms, p99 %.1f ms;"
                        + " postmap -i p50 %.1f ms, p99 %.1f ms",
                ours.size(),
                p50(ours),
                at(ours, 0.99),
                p50(postmap),
                at(postmap, 0.99));
    }
}
