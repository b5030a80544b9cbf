package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Milliseconds from a decision until the last of several hosts refuses, in a session that is open on each. */
final class HostTrials {

    private static final String ALICE = "alice@my-domain.net";

    private final Decisions decisions;
    private final List<PostfixHost> hosts = new ArrayList<>();
    private final List<Double> slowest = new ArrayList<>();

    HostTrials(Decisions decisions) {
        this.decisions = decisions;
    }

    /** Takes in a host that does not run yet. */
    void with(PostfixHost host) throws IOException, InterruptedException {
        host.account("alice", "secret");
        hosts.add(host);
    }

    void run(int trials) throws IOException, InterruptedException {
        for (int trial = 0; trial < trials; trial++) {
            List<SmtpSession> sessions = new ArrayList<>();
            try {
                for (PostfixHost host : hosts) {
                    SmtpSession session = host.login(ALICE, "secret");
                    sessions.add(session);
                    assertThat(session.send(ALICE, "x@example.com")).startsWith("250");
                }
                slowest.add(refusedByAll(sessions));
            } finally {
                for (SmtpSession session : sessions) {
                    session.close();
                }
            }
            decisions.lifted(ALICE);
            for (PostfixHost host : hosts) {
                Operator.awaits(
                        "lifted", () -> PolicyMap.read(host.map(), ALICE).isEmpty());
            }
        }
    }

    private double refusedByAll(List<SmtpSession> sessions) throws IOException {
        long from = System.nanoTime();
        decisions.blocked(ALICE, "reject");
        Set<SmtpSession> open = new LinkedHashSet<>(sessions);
        while (!open.isEmpty()) {
            for (SmtpSession session : List.copyOf(open)) {
                if (session.send(ALICE, "x@example.com").startsWith("554")) {
                    open.remove(session);
                }
            }
            assertThat(System.nanoTime() - from).as("it takes for ever").isLessThan(20_000_000_000L);
        }
        return (System.nanoTime() - from) / 1e6;
    }

    double p50() {
        return RefusalTrials.p50(slowest);
    }

    double worst() {
        return RefusalTrials.at(slowest, 1);
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "decision to refusal on the last of %d hosts, %d trials: p50 %.0f ms, worst %.0f ms",
                hosts.size(),
                slowest.size(),
                p50(),
                worst());
    }
}
