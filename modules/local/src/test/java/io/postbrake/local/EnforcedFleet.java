package io.postbrake.local;

import io.postbrake.testkit.PostfixHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A cluster, decisions on it, and real Postfix hosts with their enforcers; no detector runs. */
final class EnforcedFleet implements AutoCloseable {

    final Cluster cluster;
    final Decisions decisions;
    private final Path dir;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private Enforcers enforcers;

    private EnforcedFleet(Path dir) throws IOException {
        this.dir = dir;
        cluster = Cluster.start(dir.resolve("cluster"));
        decisions = new Decisions(cluster.bootstrap(), cluster.registry());
    }

    static EnforcedFleet start(Path dir) throws IOException {
        return new EnforcedFleet(dir);
    }

    /** A worker for enforcers that the caller closes. */
    Enforcers enforcers() {
        return new Enforcers(cluster.bootstrap(), cluster.gate.url(), dir.resolve("offsets"));
    }

    /** A host that does not run yet. */
    PostfixHost postfix(String name) throws IOException {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        return with(PostfixHost.create(name));
    }

    /** Runs a host's enforcer, and the host once its map is there. */
    void enforced(PostfixHost host) throws IOException, InterruptedException {
        if (enforcers == null) {
            enforcers = with(enforcers());
        }
        enforcers.run(host.configuration().getFileName().toString(), host);
        Operator.awaits("the map of " + host.map(), Duration.ofSeconds(60), () -> Files.exists(host.map()));
        host.start();
    }

    /** Trials on one host: our way and postmap's, in turns. */
    RefusalTrials refusals(int count) throws IOException, InterruptedException {
        PostfixHost postfix = postfix("mx1");
        for (int i = 0; i < count; i++) {
            postfix.account("ours" + i, "secret");
            postfix.account("theirs" + i, "secret");
        }
        enforced(postfix);
        var trials = new RefusalTrials(postfix, decisions);
        trials.run(count);
        return trials;
    }

    /** Trials on several hosts at once. */
    HostTrials hosts(int hosts, int count) throws IOException, InterruptedException {
        var trials = new HostTrials(decisions);
        for (int i = 0; i < hosts; i++) {
            PostfixHost host = postfix("mx" + i);
            trials.with(host);
            enforced(host);
        }
        trials.run(count);
        return trials;
    }

    private <T extends AutoCloseable> T with(T part) {
        parts.add(part);
        return part;
    }

    @Override
    public void close() throws Exception {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
        decisions.close();
        cluster.close();
    }
}
