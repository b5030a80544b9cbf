package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.alert.HeldMail;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thief's mail on a real host, from the first message to the operator's decision about all that waits. */
@Timeout(240)
class HeldMailIT {

    private static final String ALICE = "alice@my-domain.net";
    private static final int MOST_MESSAGES = 50;

    @TempDir
    private Path dir;

    private record Said(int exit, String text) {}

    @Test
    void whatWaitsIsCountedShownReleasedAndDeleted() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        try (PostfixHost postfix = PostfixHost.create("mx1")) {
            postfix.account("alice", "secret");
            postfix.setting("defer_transports", "discard"); // So that accepted mail waits.
            Path file = Files.writeString(dir.resolve("postbrake.yaml"), """
                    host: mx1
                    watch: 0d
                    log: %s
                    map: %s
                    postfix: %s
                    data: %s
                    broker.port: 0
                    registry.port: 0
                    http.port: -1
                    """.formatted(
                            postfix.logFile(), postfix.map(), postfix.configuration(), dir.resolve("data")));
            try (LocalStack stack = LocalStack.start(LocalConfig.read(file), part -> {})) {
                awaits("the detector runs", stack::ready);
                awaits("the map is there", () -> Files.exists(postfix.map()));
                postfix.start();
                try (SmtpSession thief = postfix.login(ALICE, "secret")) {
                    int sent = sendsUntilBlocked(thief, postfix);

                    awaits("the alert counts what is held", () -> heldByAlert(stack) == sent);
                    var line = Pattern.compile("mx1 +ok +1 +0 .* " + sent + "\\n");
                    awaits(
                            "the host's next report",
                            () -> line.matcher(says(stack, "status").text()).find());
                    assertThat(says(stack, "status").exit()).isZero();
                    assertThat(says(stack, "queue", "list").text())
                            .contains("mx1", ALICE, "held " + sent + ", released 0, deleted 0");

                    assertThat(says(stack, "queue", "release", ALICE, "--reason", "her own newsletter")
                                    .text())
                            .contains("every host will release");
                    awaits("released", () -> listed(stack, "held 0, released " + sent + ", deleted 0"));
                    assertThat(says(stack, "queue", "list").text())
                            .as("nothing waits any more")
                            .isEmpty();

                    assertThat(thief.send(ALICE, "x@example.com")).startsWith("250");
                    awaits("the next one is held", () -> listed(stack, "held 1, "));
                    says(stack, "queue", "delete", ALICE, "--reason", "spam");
                    awaits("deleted", () -> listed(stack, "held 0, released " + sent + ", deleted 1"));
                    awaits("the alert knows", () -> heldByAlert(stack) == 0);
                }
            }
        }
    }

    /** The ceiling of a new account is reached at the last message; more of them would make the block grow beyond a hold. */
    private static int sendsUntilBlocked(SmtpSession thief, PostfixHost postfix) throws Exception {
        int sent = 0;
        while (sent < MOST_MESSAGES && PolicyMap.read(postfix.map(), ALICE).isEmpty()) {
            assertThat(thief.send(ALICE, "x@example.com")).startsWith("250");
            sent++;
            TimeUnit.MILLISECONDS.sleep(50);
        }
        awaits("blocked", () -> PolicyMap.read(postfix.map(), ALICE).isPresent());
        assertThat(PolicyMap.read(postfix.map(), ALICE).orElseThrow()).startsWith("HOLD");
        return sent;
    }

    /** Messages that the account's open incident says are held; -1 without one. */
    private static long heldByAlert(LocalStack stack) throws Exception {
        try (var registry = ConfluentSchemaRegistry.connect(
                stack.access().registryUrl(), stack.access().registry())) {
            Map<String, Object> kafka = new HashMap<>(stack.access().kafka());
            return TopicReader.newest(kafka, registry, Topics.ALERTS).values().stream()
                    .filter(alert -> alert.getSubject().equals(ALICE))
                    .mapToLong(HeldMailIT::held)
                    .max()
                    .orElse(-1);
        }
    }

    private static long held(Alert alert) {
        return alert.getHeldMail().stream().mapToLong(HeldMail::getHeld).sum();
    }

    private static boolean listed(LocalStack stack, String text) {
        return says(stack, "queue", "list", ALICE).text().contains(text);
    }

    private static Said says(LocalStack stack, String... command) {
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(List.of("--config", stack.clientFile().toString()));
        var out = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(all.toArray(new String[0]));
        return new Said(exit, out.toString());
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void awaits(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
