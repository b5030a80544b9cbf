package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PolicyMap;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.ConfluentSchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All of ours dies at once beside a real Postfix. */
@Timeout(300)
class KilledIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final String BOB = "bob@my-domain.net";

    @TempDir
    private Path dir;

    @Test
    void mailFlowsAndBlocksHoldWithAllOfOursKilled() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        try (PostfixHost postfix = PostfixHost.create("mx1")) {
            postfix.account("alice", "secret");
            postfix.account("bob", "secret");
            int broker = JavaProcess.freePort();
            int registry = JavaProcess.freePort();
            Path config = Files.writeString(dir.resolve("postbrake.yaml"), """
                    host: mx1
                    watch: 0d
                    log: %s
                    map: %s
                    postfix: %s
                    data: %s
                    broker.port: %d
                    registry.port: %d
                    http.port: -1
                    """.formatted(
                    postfix.logFile(), postfix.map(), postfix.configuration(), dir.resolve("data"), broker, registry));
            Path up = dir.resolve("up");
            try (JavaProcess ours = JavaProcess.start(
                    dir.resolve("out"), JavaProcess.Everything.class, config.toString(), up.toString())) {
                Operator.awaits(
                        "all is up", Duration.ofSeconds(150), () -> Files.exists(up) && Files.exists(postfix.map()));
                postfix.start();
                ClusterAccess access = ClusterAccess.read(ClusterAccess.clientFile(dir.resolve("data")));
                try (var client = ConfluentSchemaRegistry.connect(access.registryUrl(), access.registry());
                        var decisions = new Decisions(
                                access.kafka().get("bootstrap.servers"), client, new HashMap<>(access.kafka()));
                        SmtpSession thief = postfix.login(ALICE, "secret");
                        SmtpSession owner = postfix.login(BOB, "secret")) {
                    assertThat(thief.send(ALICE, "x@example.com")).startsWith("250");
                    decisions.blocked(ALICE, "reject");
                    Operator.awaits(
                            "blocked",
                            () -> PolicyMap.read(postfix.map(), ALICE).isPresent());

                    ours.kill();

                    assertThat(thief.send(ALICE, "x@example.com")).startsWith("554 5.7.1");
                    assertThat(owner.send(BOB, "x@example.com")).startsWith("250");
                    try (SmtpSession again = postfix.login(ALICE, "secret");
                            SmtpSession fresh = postfix.login(BOB, "secret")) {
                        assertThat(again.send(ALICE, "x@example.com")).startsWith("554 5.7.1");
                        assertThat(fresh.send(BOB, "x@example.com")).startsWith("250");
                    }
                }
            }
        }
    }
}
